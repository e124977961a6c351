"""Tables and scores: what was written is read, and what is damaged is refused in one line."""

import json
from pathlib import Path

import pytest

from stages.harness import paths
from stages.harness.errors import InputError
from stages.scoring.tables import SCHEMAS, read_scores, read_table
from tests.support.clone import ROOT

COMMITTED = [*(ROOT / paths.METRICS).glob("*.csv"), ROOT / paths.SUBMISSION]
HEADER = ",".join(SCHEMAS[paths.VALIDATION_PREDICTIONS.name])
ROWS = ("-1,1,1,1", "7,10,1,1", "7,1,1.5,1", "7,1,=1+1,1", "7,1,1,nan", "7,1,1,2", "7,1,1", '"', "")
DAMAGED = ["", "a,b\n1,2\n", "\0", *(f"{HEADER}\n{rows}\n" for rows in ROWS)]
BAD_SCORES = ("", "[]", '{"accuracy": 0.5}', '{"accuracy": "<script>"}')


def test_every_table_has_its_columns() -> None:
    assert {path.name for path in COMMITTED} == {*SCHEMAS}
    for path in COMMITTED:
        table, header = read_table(path, may_be_empty=True), path.read_text().partition("\n")[0]
        assert [*table] == header.split(",")


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / paths.VALIDATION_PREDICTIONS.name
    path.write_text(text)
    with pytest.raises(InputError, match=f"damaged; expected rows of {HEADER}; run dvc repro"):
        read_table(path)


def test_scores_are_numbers(tmp_path: Path) -> None:
    assert read_scores(ROOT / paths.SCORES) == json.loads((ROOT / paths.SCORES).read_text())
    for text in BAD_SCORES:
        (tmp_path / "evaluate.json").write_text(text)
        with pytest.raises(InputError, match="damaged; expected accuracy, "):
            read_scores(tmp_path / "evaluate.json")
