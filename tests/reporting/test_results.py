"""What the report reads: complete and of one run, or refused; and what it selects to show."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.harness import paths
from stages.reporting.results import rank_for_display, read_results, select, select_samples
from stages.scoring.tables import NEIGHBOURS
from tests.support.clone import ROOT
from tests.support.report import RESULTS
from tests.support.samples import table
from tests.support.workplace import Workplace


@pytest.fixture
def evaluated(with_classifier: Workplace) -> Workplace:
    """A folder where `report` can run."""
    shutil.copy(ROOT / "pyproject.toml", with_classifier.folder)
    for stage in ("evaluate", "predict"):
        assert with_classifier.run(stage) == (0, "")
    return with_classifier


@pytest.mark.slow
def test_the_report_is_the_same_in_every_run(evaluated: Workplace) -> None:
    assert evaluated.run("report") == (0, "")
    first = evaluated.files()
    assert {"metrics/report.html", "metrics/model_card.md"} <= set(first)
    assert evaluated.run("report") == (0, "")
    assert evaluated.files() == first


@pytest.mark.usefixtures("evaluated")
def test_what_the_stages_wrote_is_read_and_the_images_are_those_of_its_rows() -> None:
    results = read_results()
    assert results.labels.tolist() == [*range(10)] * 3
    assert results.scores == json.loads(paths.SCORES.read_text())
    assert results.validation["row"].tolist() == [*range(20, 30)]
    assert len(results.mistakes) == round(10 * (1 - results.scores["accuracy"])) > 0
    assert results.test["row"].tolist() == [*range(30)]
    assert results.reliability["images"].sum() == 10
    assert results.coverage["accuracy"][-1] == results.scores["accuracy"]
    assert set(results.suspects["row"]) <= set(results.mistakes["row"])
    pairs = [(row, 3) for row in results.mistakes["row"]]
    results = replace(results, neighbours=table(NEIGHBOURS, *pairs))
    selection = select(results, images_shown=4, mistakes_shown=2)
    train, test = np.load(paths.TRAIN_IMAGES), np.load(paths.TEST_IMAGES)
    least = results.test[np.argsort(results.test["confidence"], kind="stable")]
    for images, selected, rows in (
        (train, selection.validation, rank_for_display(results.validation)[:4]),
        (train, selection.mistakes, rank_for_display(results.mistakes)[:2]),
        (train, selection.suspects, results.suspects[:4]),
        (test, selection.first, results.test[:4]),
        (test, selection.unsure, least[:4]),
    ):
        np.testing.assert_array_equal(selected[0], images[rows["row"]])
        np.testing.assert_array_equal(selected[1], rows)
    shown = set(selection.mistakes[1]["row"])
    assert set(selection.neighbours[1]["row"]) == shown < set(results.mistakes["row"])
    np.testing.assert_array_equal(selection.neighbours[0], train[[3, 3]])
    np.testing.assert_array_equal(selection.samples[0], train[select_samples(results.labels)])
    # The most confident mistake comes first.
    assert rank_for_display(RESULTS.validation)["row"].tolist() == [3, 1, 2, 4, 0]


OTHER_LABELS = "validation_predictions.csv: other labels than data/prepared/train_labels.npy"
OTHER_DIGITS = "data/submission.csv: other classes than metrics/test_predictions.csv"


@pytest.mark.parametrize(
    ("path", "column", "change", "expected"),
    [
        (paths.VALIDATION_PREDICTIONS, "actual", lambda digit: 9 - digit, OTHER_LABELS),
        (paths.VALIDATION_PREDICTIONS, "row", lambda row: row + 10, OTHER_LABELS),
        (paths.SUBMISSION, "Label", lambda digit: 9 - digit, OTHER_DIGITS),
        (paths.TEST_PREDICTIONS, "predicted", lambda digit: 9 - digit, OTHER_DIGITS),
        (paths.TEST_PREDICTIONS, "row", lambda row: row + 30, "30 images, but row 30 is used"),
    ],
)
def test_results_of_different_runs_are_refused(
    evaluated: Workplace, path: Path, column: str, change: Callable[[int], int], expected: str
) -> None:
    table = pd.read_csv(path)
    table.loc[0, column] = change(table[column][0])
    table.to_csv(path, index=False)
    evaluated.refuses("report", expected)


@pytest.mark.parametrize(
    "name", ["COVERAGE", "LEARNING_CURVE", "RELIABILITY", "SCORES", "SUSPECTS"]
)
def test_a_missing_file_is_named(evaluated: Workplace, name: str) -> None:
    path = getattr(paths, name)
    path.unlink()
    evaluated.refuses("report", f"{path}: No such file or directory; run evaluate again")
