"""The page: its contents, and that it needs no other file."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.harness.params import Reference
from stages.reporting.context import place_on_scale
from tests.support.clone import ROOT
from tests.support.report import COMMITTED, RESULTS, Page, make_page

ARTICLE: dict[str, Any] = {"name": "<b>the article</b>", "accuracy": 0.96614, "source": "kaggle"}


@pytest.fixture(scope="module")
def committed() -> Page:
    return Page(COMMITTED)


def test_the_page_needs_nothing_else(committed: Page) -> None:
    for _, attributes in committed.elements:
        for name in ("src", "href", "srcset", "xlink:href", "action", "data", "poster"):
            value = attributes.get(name) or "#"
            assert value.startswith(("data:", "#")), value[:80]
    text = COMMITTED.read_text(encoding="utf-8")
    assert "url(http" not in text
    assert "@import" not in text
    assert len(text) < 400_000


def test_the_page_is_well_formed(committed: Page) -> None:
    ids = [str(attributes["id"]) for _, attributes in committed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = committed.list_attributes("a", "href") + committed.list_attributes("use", "xlink:href")
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert all(committed.list_attributes("img", "alt"))


def test_the_page_holds_the_scores(committed: Page) -> None:
    scores = json.loads((ROOT / "metrics" / "evaluate.json").read_text())
    assert f"{scores['accuracy']:.2%}" in committed.text
    assert f"{scores['accuracy_low']:.2%}" in committed.text
    assert committed.rows["Log loss, nats"] == [f"{scores['log_loss']:.4f}"]
    submission = (ROOT / "data" / "submission.csv").read_bytes()
    assert committed.rows["data/submission.csv"] == [sha256(submission).hexdigest()]
    assert committed.rows["models.mlp.epochs"] == ["5"]
    assert not [name for name in committed.rows if name.startswith("models.cnn")]


def test_the_confusion_matrix_and_the_mistakes(tmp_path: Path) -> None:
    page = make_page(tmp_path)
    pairs = [page.list_attributes("li", f"data-{name}") for name in ("actual", "predicted")]
    assert pairs == [["2", "4"], ["0", "0"]]
    labels = page.list_attributes("button", "aria-label")
    assert labels == ["1: 2 taken for 0", "1: 4 taken for 0"]
    assert "2 of 5 validation digits are wrong." in page.text
    assert "most frequent" not in page.text  # neither mistake leads
    assert page.rows["1"][11:14] == ["2", "66.7%", "14.3%"]  # of the test digits and labels
    assert page.rows["2"][:11] == ["1", *[""] * 9, "0.0%"]
    assert page.rows["9"][10].startswith("-")  # there is no 9, so it has no recall
    page = make_page(tmp_path, listed=RESULTS.mistakes[:1])
    assert page.list_attributes("button", "aria-label") == labels[:1]
    assert page.rows["4"].count("1") == 1  # a number, but no button
    assert "The 1 most confident of 2." in page.text


def test_one_pass_has_no_curve(tmp_path: Path) -> None:
    page = make_page(tmp_path)
    assert page.rows["Cross-entropy, nats"] == ["0.5000", "0.4000"]
    by_epoch = "Accuracy on training and validation digits by epoch"
    assert by_epoch not in page.list_attributes("div", "aria-label")
    page = make_page(tmp_path, curve=np.repeat(RESULTS.curve, 2))
    assert by_epoch in page.list_attributes("div", "aria-label")


def test_without_mistakes_there_is_nothing_to_filter(tmp_path: Path) -> None:
    page = make_page(tmp_path, validation=RESULTS.validation[[0, 2, 4]])
    assert "0 of 3 validation digits are wrong." in page.text
    assert not {"form", "script"} & {tag for tag, _ in page.elements}


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.97, 0.98, "lies above"), (0.9, 0.95, "lies below"), (0.96, 0.97, "contains")],
)
def test_the_interval_is_compared_with_the_reference(
    tmp_path: Path, low: float, high: float, words: str
) -> None:
    scores = RESULTS.scores | {"accuracy_low": low, "accuracy_high": high}
    compared = f"It {words} 0.96614, the accuracy of <b>the article</b>"
    report = {"reference": ARTICLE}
    page = make_page(tmp_path, scores=scores, report=report, data={"source": "kaggle"})
    assert f"{compared}. " in page.text
    assert "reference" in page.list_attributes("div", "class")
    page = make_page(tmp_path, scores=scores, report=report, data={"source": "mnist"})
    assert f"{compared}, which was measured on other data (kaggle). " in page.text
    page = make_page(tmp_path, scores=scores, report={"reference": None})
    assert "the article" not in (tmp_path / "report.html").read_text()
    assert "reference" not in page.list_attributes("div", "class")


def test_the_scale_starts_below_all_its_points() -> None:
    scores = {"accuracy_low": 0.991, "accuracy": 0.992, "accuracy_high": 0.993}
    alone = place_on_scale(scores, None)
    assert alone == {"start": 0.95, "low": 82.0, "accuracy": 84.0, "high": 86.0}
    assert place_on_scale(scores, Reference(**ARTICLE)) == alone | {"reference": 32.28}
    assert place_on_scale(scores, Reference(**ARTICLE | {"accuracy": 0.12}))["start"] == 0.1
    assert place_on_scale(dict.fromkeys(scores, 1.0), None)["high"] == 100
