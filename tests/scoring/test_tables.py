"""Tables and scores: what was written is read, and what is damaged is refused in one line."""

import json
from pathlib import Path

import pytest

from stages.harness import paths
from stages.harness.errors import InputError
from stages.harness.outputs import write_table
from stages.scoring.tables import SCHEMAS, read_scores, read_table
from tests.support.clone import ROOT

COMMITTED = [*(ROOT / paths.METRICS).glob("*.csv"), ROOT / paths.SUBMISSION]
HEADER = ",".join(SCHEMAS[paths.VALIDATION_PREDICTIONS.name])
BAD_ROWS = ["-1,1,1,1", "7,10,1,1", "7,1,1.5,1", "7,1,=1+1,1", f"7,1,{'9' * 5000},1", "7,1,1,nan"]
BAD_ROWS += ["7,1,1,1\n7,1,1,inf", "7,1,1,", "7,1,1", '"', ""]
BAD_SCORES = ("", "7", "[]", "null", '{"accuracy": 0.5}')


@pytest.mark.parametrize("committed", COMMITTED, ids=lambda path: path.name)
def test_every_table_keeps_its_values(committed: Path, tmp_path: Path) -> None:
    assert {path.name for path in COMMITTED} == {*SCHEMAS}
    table = read_table(committed, may_be_empty=True)
    write_table(tmp_path / committed.name, table)
    assert read_table(tmp_path / committed.name, may_be_empty=True).equals(table)
    if "confidence" not in table or "from" in table:  # elsewhere it has four decimals as text
        assert (tmp_path / committed.name).read_bytes() == committed.read_bytes()


@pytest.mark.parametrize(
    "text", [*(f"{HEADER}\n{rows}\n" for rows in BAD_ROWS), "", "a,b\n1,2\n", "\0"]
)
def test_a_damaged_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / paths.VALIDATION_PREDICTIONS.name
    path.write_text(text)
    with pytest.raises(InputError, match=f"damaged; expected rows of {HEADER}; run dvc repro"):
        read_table(path)


def test_scores_are_numbers(tmp_path: Path) -> None:
    scores = json.loads((ROOT / paths.SCORES).read_text())
    assert read_scores(ROOT / paths.SCORES) == scores
    path = tmp_path / "evaluate.json"
    for text in (*BAD_SCORES, json.dumps(scores | {"accuracy": "<script>"})):
        path.write_text(text)
        with pytest.raises(InputError, match="damaged; expected accuracy, "):
            read_scores(path)
