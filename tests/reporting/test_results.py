"""What the report reads: complete and of one run, or refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from stages.harness import paths
from stages.harness.errors import InputError
from stages.reporting.results import COLUMNS, Results, read_table
from tests.support.clone import ROOT
from tests.support.samples import save_array
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
    for labels in (np.arange(30)[::-1] % 10, np.arange(20) % 10):
        save_array(paths.TRAIN_LABELS, labels.astype(np.uint8))
        evaluated.refuses("report", f"{paths.VALIDATION_PREDICTIONS}: of other data; run dvc repro")


@pytest.mark.parametrize("path", [paths.COVERAGE, paths.SCORES])
def test_a_missing_result_is_named(evaluated: Workplace, path: Path) -> None:
    path.unlink()
    evaluated.refuses("report", f"{path}: No such file or directory; run dvc repro")


HEADER = ",".join(COLUMNS[paths.VALIDATION_PREDICTIONS.name])


def test_every_table_has_its_columns() -> None:
    committed = [*(ROOT / paths.METRICS).glob("*.csv")]
    assert {path.name for path in committed} == {*COLUMNS}
    for path in committed:
        table, header = read_table(path), path.read_text().partition("\n")[0]
        assert [*table] == header.split(",")


def test_the_rows_of_an_empty_table_select_no_image(tmp_path: Path) -> None:
    path = tmp_path / paths.LABEL_ISSUES.name
    path.write_text("row,label,predicted,confidence\n")
    assert len(np.zeros((9, 28, 28))[read_table(path)["row"].to_numpy()]) == 0


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\0", f'{HEADER}\n"'], ids=range(4))
def test_a_damaged_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / paths.VALIDATION_PREDICTIONS.name
    path.write_text(text)
    with pytest.raises(InputError, match=f"damaged; expected rows of {HEADER}; run dvc repro"):
        read_table(path)
