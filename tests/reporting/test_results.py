"""What the report reads: complete and of one run, or refused."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from stages.harness import paths
from stages.reporting.results import read_results
from tests.support.clone import ROOT
from tests.support.workplace import Workplace


@pytest.fixture
def evaluated(with_classifier: Workplace) -> Workplace:
    """A folder where `report` can run."""
    shutil.copy(ROOT / "pyproject.toml", with_classifier.folder)
    for stage in ("evaluate", "predict"):
        assert with_classifier.run(stage) == (0, "")
    return with_classifier


def test_the_report_is_of_these_results_and_the_same_in_every_run(evaluated: Workplace) -> None:
    results = read_results()
    assert results.scores == json.loads(paths.SCORES.read_text())
    assert len(results.mistakes) == round(10 * (1 - results.scores["accuracy"])) > 0
    assert results.counts.sum() - results.counts.trace() == len(results.mistakes)
    assert results.coverage["accuracy"].iloc[-1] == results.scores["accuracy"]
    assert results.reliability["images"].sum() == 10
    assert evaluated.run("report") == (0, "")
    first = evaluated.files()
    assert {"metrics/report.html", "metrics/model_card.md"} <= set(first)
    assert evaluated.run("report") == (0, "")
    assert evaluated.files() == first


OTHER_LABELS = "validation_predictions.csv: other labels than data/prepared/train_labels.npy"
OTHER_DIGITS = "data/submission.csv: other predictions than metrics/test_predictions.csv"


@pytest.mark.parametrize(
    ("path", "column", "value", "expected"),
    [
        (paths.VALIDATION_PREDICTIONS, "actual", 9, OTHER_LABELS),
        (paths.VALIDATION_PREDICTIONS, "row", 30, OTHER_LABELS),
        (paths.LABEL_ISSUES, "row", 30, OTHER_LABELS),
        (paths.SUBMISSION, "Label", -1, "data/submission.csv: damaged; expected"),
        (paths.TEST_PREDICTIONS, "row", 30, OTHER_DIGITS),
        (paths.COVERAGE, None, None, "coverage.csv: No such file or directory; run dvc repro"),
        (paths.SCORES, None, None, "evaluate.json: No such file or directory; run dvc repro"),
    ],
)
def test_results_of_different_runs_and_missing_ones_are_refused(
    evaluated: Workplace, path: Path, column: str | None, value: int, expected: str
) -> None:
    if column:
        table = pd.read_csv(path)
        table.loc[0, column] = value
        table.to_csv(path, index=False)
    else:
        path.unlink()
    evaluated.refuses("report", expected)
