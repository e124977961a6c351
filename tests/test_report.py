"""The page: what stands in it, and that it needs nothing else."""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages import report
from stages.findings import Findings, Shown
from stages.page import write_page
from stages.params import Params, read_params
from stages.scores import confusion_matrix
from stages.tables import (
    COVERAGE,
    LEARNING_CURVE,
    TEST_PREDICTIONS,
    VALIDATION_PREDICTIONS,
    Table,
)
from tests.clone import ROOT
from tests.test_figures import ALL_RIGHT, table

COMMITTED = ROOT / "metrics" / "report.html"
NAMES = ("accuracy", "accuracy_low", "accuracy_high", "log_loss", "calibration_error")


class Page(HTMLParser):
    """All elements of a page, its text, and the cells of its tables by the heads of their rows."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: dict[str, list[str]] = {}
        self.text, self._open, self._head = "", "", ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        if tag == "td":
            self.rows[self._head].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open == "th" and data.strip():
            self._head = data
            self.rows.setdefault(data, [])
        elif self._open in ("td", "button") and self.rows.get(self._head):
            self.rows[self._head][-1] += data.strip()

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.elements if name == tag)


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(COMMITTED)


def test_the_page_needs_nothing_else(page: Page) -> None:
    for _, attributes in page.elements:
        for name in ("src", "href", "srcset", "xlink:href", "action", "data", "poster"):
            value = attributes.get(name) or "#"
            assert value.startswith(("data:", "#")), value[:80]
    text = COMMITTED.read_text(encoding="utf-8")
    assert "url(http" not in text
    assert "@import" not in text
    assert len(text) < 400_000


def test_the_page_is_well_formed(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    references = [attributes["href"] for attributes in page.all("a")]
    references += [attributes["xlink:href"] for attributes in page.all("use")]
    assert {str(reference).removeprefix("#") for reference in references} <= set(ids)
    assert all(image["alt"] for image in page.all("img"))


def test_the_page_holds_what_was_measured(page: Page) -> None:
    scores = json.loads((ROOT / "metrics" / "evaluate.json").read_text())
    assert f"{scores['accuracy']:.2%}" in page.text
    assert f"{scores['accuracy_low']:.2%}" in page.text
    assert page.rows["Log loss, nats"] == [f"{scores['log_loss']:.4f}"]
    submission = (ROOT / "data" / "submission.csv").read_bytes()
    assert page.rows["data/submission.csv"] == [sha256(submission).hexdigest()]
    assert page.rows["models.mlp.epochs"] == ["5"]
    assert not [name for name in page.rows if name.startswith("models.cnn")]


# What a page is made of: five digits, of which two are wrong, and three test digits.
FOUND = Findings(
    scores=dict.fromkeys((*NAMES, "train_accuracy"), 0.6),
    labels=np.array([1, 2, 3, 4, 5, 0, 0], np.uint8),
    curve=table(LEARNING_CURVE, (1, 0.5, 0.4, 0.8, 0.85)),
    reliability=ALL_RIGHT,
    coverage=table(COVERAGE, (0.9, 1), (1, 1)),
    validation=table(
        VALIDATION_PREDICTIONS,
        *((0, 1, 1, 0.9), (1, 2, 0, 0.6), (2, 3, 3, 0.5), (3, 4, 0, 0.8), (4, 5, 5, 0.7)),
    ),
    test=table(TEST_PREDICTIONS, (0, 1, 0.9), (1, 1, 0.8), (2, 7, 0.7)),
)


def made(folder: Path, found: Findings, *, listed: Table | None = None, **changes: Any) -> Page:
    """Makes a page of findings; every image is blank, and all mistakes are listed."""

    def blank(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((len(rows), 28, 28, 1), np.float32), rows

    tables = (found.labels, found.validation, found.wrong, found.test, found.test)
    shown = Shown(*map(blank, tables))
    if listed is not None:
        shown = replace(shown, mistakes=blank(listed))
    counts = confusion_matrix(found.validation["actual"], found.validation["predicted"])
    params = Params.model_validate(read_params(ROOT / "params.yaml").model_dump() | changes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "digests", lambda _: {})
        patch.chdir(ROOT)
        context = report.context(found, shown, counts, report.charts(found), params)
    write_page(folder / "report.html", context)
    return Page(folder / "report.html")


def test_the_confusion_matrix_and_the_mistakes(tmp_path: Path) -> None:
    page = made(tmp_path, FOUND)
    pairs = [(cell["data-actual"], cell["data-predicted"]) for cell in page.all("li") if cell]
    assert pairs == [("2", "0"), ("4", "0")]
    cells = [button["aria-label"] for button in page.all("button") if "aria-label" in button]
    assert cells == ["1: 2 taken for 0", "1: 4 taken for 0"]
    assert "2 of 5 validation digits are wrong." in page.text
    assert "Most often" not in page.text  # neither mistake leads
    assert page.rows["9"][10].startswith("-")  # there is no 9: no share of right ones


def test_a_mistake_that_is_not_listed_is_no_button(tmp_path: Path) -> None:
    page = made(tmp_path, FOUND, listed=FOUND.wrong[:1])
    cells = [button["aria-label"] for button in page.all("button") if "aria-label" in button]
    assert cells == ["1: 2 taken for 0"]
    assert page.rows["4"].count("1") == 1
    assert "The 1 most confident of 2." in page.text


def test_one_pass_has_no_curve(tmp_path: Path) -> None:
    page = made(tmp_path, FOUND)
    assert "it looks at the training digits once" in page.text
    assert page.rows["Cross-entropy, nats"] == ["0.5000", "0.4000"]
    twice = replace(FOUND, curve=np.repeat(FOUND.curve, 2))
    assert "by epoch" not in page.text
    labels = [element.get("aria-label") for element in made(tmp_path, twice).all("div")]
    assert "Accuracy on training and validation digits by epoch" in labels


def test_none_wrong(tmp_path: Path) -> None:
    right = FOUND.validation[FOUND.validation["actual"] == FOUND.validation["predicted"]]
    page = made(tmp_path, replace(FOUND, validation=right))
    assert "0 of 3 validation digits are wrong." in page.text
    assert not list(page.all("form"))
    assert not list(page.all("script"))


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.97, 0.98, "lies above"), (0.9, 0.95, "lies below"), (0.96, 0.97, "holds")],
)
def test_the_article_is_above_below_or_within(
    tmp_path: Path, low: float, high: float, words: str
) -> None:
    scores = FOUND.scores | {"accuracy_low": low, "accuracy_high": high}
    text = " ".join(made(tmp_path, replace(FOUND, scores=scores)).text.split())
    assert f"That interval {words} 0.96614" in text
    assert "these are other digits" in text
    page = made(tmp_path, replace(FOUND, scores=scores), data={"source": "kaggle"})
    assert "these are other digits" not in page.text


def test_classes_are_counted(tmp_path: Path) -> None:
    rows = report.classes(FOUND)["classes"]
    assert [row["predicted"] for row in rows] == [0, 2, 0, 0, 0, 0, 0, 1, 0, 0]
    assert rows[0]["labelled"] == 2 / 7
    assert rows[1]["test"] == 2 / 3


def test_the_scale_starts_below_both() -> None:
    scores = {"accuracy_low": 0.991, "accuracy": 0.992, "accuracy_high": 0.993}
    at = report.scale(scores)
    assert at["start"] == 0.95
    assert at["article"] == pytest.approx(100 * (0.96614 - 0.95) / 0.05, abs=0.01)
    assert at["low"] < at["accuracy"] < at["high"] == pytest.approx(100 - at["above"])
