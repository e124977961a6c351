"""Tables: what was written is read, and what is damaged is refused in one line."""

from pathlib import Path

import numpy as np
import pytest

from stages.harness import paths
from stages.harness.errors import InputError
from stages.reporting.results import COLUMNS, read_table
from tests.support.clone import ROOT

COMMITTED = [*(ROOT / paths.METRICS).glob("*.csv")]
HEADER = ",".join(COLUMNS[paths.VALIDATION_PREDICTIONS.name])
DAMAGED = ["", "a,b\n1,2\n", "\0", f'{HEADER}\n"']


def test_every_table_has_its_columns() -> None:
    assert {path.name for path in COMMITTED} == {*COLUMNS}
    for path in COMMITTED:
        table, header = read_table(path), path.read_text().partition("\n")[0]
        assert [*table] == header.split(",")


def test_the_rows_of_an_empty_table_select_no_image(tmp_path: Path) -> None:
    path = tmp_path / paths.LABEL_ISSUES.name
    path.write_text("row,label,predicted,confidence\n")
    assert len(np.zeros((9, 28, 28))[read_table(path)["row"].to_numpy()]) == 0


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / paths.VALIDATION_PREDICTIONS.name
    path.write_text(text)
    with pytest.raises(InputError, match=f"damaged; expected rows of {HEADER}; run dvc repro"):
        read_table(path)
