// Shows only the mistakes of the chosen true and predicted class.
const form = document.getElementById("filter");
const mistakes = [...document.querySelectorAll("#listed > li")];

function filter() {
  const { actual, predicted } = Object.fromEntries(new FormData(form));
  for (const item of mistakes) {
    const { dataset } = item;
    item.hidden =
      (actual && dataset.actual !== actual) || (predicted && dataset.predicted !== predicted);
  }
  const shown = mistakes.filter((item) => !item.hidden).length;
  document.getElementById("shown").textContent = `${shown} of ${mistakes.length} shown`;
}

form.addEventListener("change", filter);
form.querySelector("button").addEventListener("click", () => {
  form.reset();
  filter();
});

for (const cell of document.querySelectorAll("#confusion button")) {
  cell.addEventListener("click", () => {
    form.elements.actual.value = cell.dataset.actual;
    form.elements.predicted.value = cell.dataset.predicted;
    filter();
    form.elements.actual.focus(); // and scroll there
  });
}

form.hidden = document.getElementById("hint").hidden = false;
filter();
