// Draws strokes, and shows what the worker reads in them.
const byId = (id) => document.getElementById(id);
const model = JSON.parse(byId("model").textContent);
const { side, picture } = model.frame;
const PEN = picture / 18; // pixels of the picture
const CLOSE = 0.1; // a second digit that is at least so probable is named too

const wrong = JSON.parse(byId("wrong").textContent);
const wrongPixels = Uint8Array.from(atob(wrong?.pixels ?? ""), (byte) => byte.charCodeAt(0));
const NEAREST = 5; // mistakes that are shown

const drawing = byId("drawing");
const answer = byId("answer");
const bars = [...document.querySelectorAll("#bars > li")];
const plain = Object.assign(document.createElement("canvas"), { width: picture, height: picture })
  .getContext("2d", { willReadFrequently: true });

const script = new Blob([byId("worker").textContent], { type: "text/javascript" });
const worker = new Worker(URL.createObjectURL(script));
worker.postMessage({ model });

// Each stroke is a list of [x, y] in pixels of the picture. The page opens with an example.
let strokes = model.example.map((line) => line.map((point) => point.map((at) => at * picture)));
let isExample = true;
let pointer = null; // the one that draws; other fingers do nothing
let asked = false; // the worker is busy
let changed = false; // the drawing is newer than what the worker reads

function paint(context, ink) {
  const scale = context.canvas.width / picture;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: ink });
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(...stroke[0]);
    for (const [x, y] of stroke) context.lineTo(x + 0.01, y); // so that a point is seen too
    context.stroke();
  }
}

function update() {
  const context = drawing.getContext("2d");
  context.clearRect(0, 0, picture, picture);
  paint(context, getComputedStyle(drawing).color);
  byId("hint").hidden = strokes.length > 0 && !isExample;
  answer.ariaBusy = "true"; // nothing is read out before the stroke is finished
  changed = true;
  ask();
}

function ask() {
  if (asked || !changed) return;
  [asked, changed] = [true, false];
  plain.setTransform(1, 0, 0, 1, 0, 0);
  plain.fillStyle = "#fff";
  plain.fillRect(0, 0, picture, picture);
  paint(plain, "#000");
  const { height, width, data } = plain.getImageData(0, 0, picture, picture);
  worker.postMessage({ drawing: { height, width, data: data.filter((_, i) => i % 4 === 0) } });
}

worker.onmessage = ({ data }) => {
  asked = false;
  show(data);
  if (!changed && pointer === null) answer.ariaBusy = "false";
  ask();
};

// In percent, rounded down: nothing below 1 becomes 100%.
const percent = (share) => `${Math.floor(100 * share)}%`;

const rank = (probabilities) =>
  [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);

function describe(probabilities) {
  if (!probabilities) return strokes.length ? "no digit: draw it larger" : "";
  const [first, second] = rank(probabilities);
  const close = probabilities[second] >= CLOSE ? `, or ${second} (${percent(probabilities[second])})` : "";
  return percent(probabilities[first]) + close;
}

function show({ image, probabilities, copies, votes }) {
  const first = probabilities && rank(probabilities)[0];
  bars.forEach((bar, i) => {
    bar.style.setProperty("--share", probabilities?.[i] ?? 0);
    bar.classList.toggle("first", i === first);
    bar.querySelector("span").textContent = probabilities ? percent(probabilities[i]) : "";
  });
  byId("digit").textContent = first ?? "?";
  byId("sure").textContent = describe(probabilities);
  answer.classList.toggle("blank", !probabilities);
  paintImage(byId("seen"), image ?? new Uint8Array(side * side));
  byId("copies").replaceChildren(...(votes ? listCopies(copies, votes) : []));
  byId("shifted").hidden = !votes;
  byId("mistakes").replaceChildren(...(image ? listMistakes(image) : []));
  byId("mistaken").hidden = !byId("mistakes").childElementCount;
}

function listCopies(copies, votes) {
  const [size, classes] = [side * side, bars.length];
  return Array.from({ length: votes.length / classes }, (_, i) => {
    const each = votes.slice(i * classes, (i + 1) * classes);
    const [first] = rank(each);
    const values = copies.slice(i * size, (i + 1) * size).map((value) => value * 255);
    return caption(values, first, ` ${percent(each[first])}`);
  });
}

// The mistakes whose pixels differ least from those of the image, by the sum of squares.
function listMistakes(image) {
  const pixels = (i) => wrongPixels.subarray(i * image.length, (i + 1) * image.length);
  const count = wrongPixels.length / image.length;
  const far = Array.from({ length: count }, (_, i) =>
    pixels(i).reduce((sum, value, j) => sum + (value - image[j]) ** 2, 0),
  );
  const nearest = [...far.keys()].sort((a, b) => far[a] - far[b]).slice(0, NEAREST);
  return nearest.map((i) => caption(pixels(i), wrong.predicted[i], `, not ${wrong.actual[i]}`));
}

function caption(values, digit, text) {
  const item = document.createElement("li");
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  paintImage(canvas, values);
  item.append(canvas, Object.assign(document.createElement("b"), { textContent: digit }), text);
  return item;
}

function paintImage(canvas, values) {
  const image = new ImageData(side, side);
  values.forEach((value, i) => image.data.set([255 - value, 255 - value, 255 - value, 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Where an event is, in pixels of the picture. The pen stays within it.
function locate(event) {
  const { left, top, width } = drawing.getBoundingClientRect();
  const inside = (at) => Math.min(Math.max((at / width) * picture, PEN), picture - PEN);
  return [inside(event.clientX - left), inside(event.clientY - top)];
}

drawing.addEventListener("pointerdown", (event) => {
  if (pointer !== null || event.button !== 0) return;
  event.preventDefault();
  if (isExample) strokes = [];
  isExample = false;
  pointer = event.pointerId;
  drawing.setPointerCapture(pointer);
  strokes.push([locate(event)]);
  update();
});

drawing.addEventListener("pointermove", (event) => {
  if (event.pointerId !== pointer) return;
  const events = event.getCoalescedEvents?.() ?? [];
  strokes.at(-1).push(...(events.length ? events : [event]).map(locate));
  update();
});

drawing.addEventListener("lostpointercapture", () => {
  pointer = null;
  update();
});

function change(kept) {
  [strokes, isExample] = [kept, false];
  update();
}

byId("undo").addEventListener("click", () => change(strokes.slice(0, -1)));
byId("clear").addEventListener("click", () => change([]));
addEventListener("keydown", (event) => {
  if (event.key === "z" && (event.ctrlKey || event.metaKey) && pointer === null) byId("undo").click();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", update);
update();
