"""What the report reads: complete and of one run, or refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from stages.harness import paths
from stages.harness.outputs import write_sums
from stages.reporting.results import Results
from tests.support.clone import ROOT
from tests.support.samples import CURVE
from tests.support.workplace import Workplace


@pytest.fixture
def evaluated(with_classifier: Workplace) -> Workplace:
    """A folder where `report` can run."""
    shutil.copy(ROOT / "pyproject.toml", with_classifier.folder)
    for stage in ("evaluate", "predict"):
        assert with_classifier.run(stage) == (0, "")
    return with_classifier


def test_the_report_is_of_these_results_and_the_same_in_every_run(evaluated: Workplace) -> None:
    results = Results()
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


def test_results_of_other_data_are_refused(evaluated: Workplace) -> None:
    """They would be shown beside the wrong images."""
    np.save(paths.TRAIN_LABELS, np.arange(30, dtype=np.uint8)[::-1] % 10)
    write_sums(paths.PREPARED)
    evaluated.refuses("report", f"{paths.VALIDATION_PREDICTIONS}: of other data; run dvc repro")
    np.save(paths.TRAIN_LABELS, np.arange(20, dtype=np.uint8) % 10)
    write_sums(paths.PREPARED)
    evaluated.refuses("report", f"{paths.VALIDATION_PREDICTIONS}: of other data; run dvc repro")


def test_a_changed_learning_curve_is_noticed(evaluated: Workplace) -> None:
    CURVE.write_text(CURVE.read_text().replace("0.9", "0.1"))
    evaluated.refuses("evaluate", f"{CURVE}: not the file that was trained; run python -m tools.")


@pytest.mark.parametrize("path", [paths.COVERAGE, paths.SCORES])
def test_a_missing_result_is_named(evaluated: Workplace, path: Path) -> None:
    path.unlink()
    evaluated.refuses("report", f"{path}: No such file or directory; run dvc repro")
