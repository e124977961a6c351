"""Tables and scores as the report reads them: each fault is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from stages.harness.errors import InputError
from stages.harness.outputs import write_json, write_table
from stages.scoring.tables import SCORES, VALIDATION_PREDICTIONS, read_scores, read_table

DATA: dict[str, Any] = {"row": [7, 8], "actual": [1, 2], "predicted": [1, 3], "confidence": [1, 0]}
VALUES: dict[str, Any] = dict.fromkeys(SCORES, 0.5)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_table(path, DATA)
    table = read_table(path, VALIDATION_PREDICTIONS, stage="evaluate")
    assert table.tolist() == [(7, 1, 1, 1.0), (8, 2, 3, 0.0)]
    assert table.dtype.names == tuple(DATA)
    write_json(path, VALUES)
    assert read_scores(path, stage="evaluate") == VALUES


BAD_ROWS = {
    "-1,1,1,1": "row 1, row: -1; expected a whole number from 0 to 1000000000",
    "7,10,1,1": "row 1, actual: 10; expected a whole number from 0 to 9",
    "7,1,1.0,1": "row 1, predicted: 1.0; expected a whole number from 0 to 9",
    "7,1,=1+1,1": "row 1, predicted: =1+1; expected a whole number",
    f"7,1,{'9' * 5000},1": f"row 1, predicted: {'9' * 40}; expected a whole number",
    "7,1,1,nan": "row 1, confidence: nan; expected a number from 0 to 1",
    "7,1,1,1\n7,1,1,inf": "row 2, confidence: inf; expected",
    "7,1,1,": "row 1, confidence: ; expected a number",
    "7,1,1": "row 1: 3 cells; expected 4",
    "7,1,1,1,1": "row 1: 5 cells; expected 4",
    '"': "unexpected end of data",
    "": "expected rows of row,actual,predicted,confidence",
}
TABLES = {f"{','.join(DATA)}\n{rows}": fault for rows, fault in BAD_ROWS.items()}
TABLES |= {"": "not enough values", "a,b\n1,2\n": "expected rows of row,actual", "\0": "expected"}
BAD_VALUES: dict[str, dict[str, Any]] = {
    "accuracy: '<script>'; expected a number": {"accuracy": "<script>"},
    "accuracy: 1.5; expected a number from 0 to 1": {"accuracy": 1.5},
    "log_loss: nan; expected a number": {"log_loss": float("nan")},
    "expected accuracy, accuracy_low": {"more": 1},
}
TEXTS = {json.dumps(VALUES | values): fault for fault, values in BAD_VALUES.items()}
TEXTS |= dict.fromkeys(("[]", "7", "null"), "expected accuracy") | {"": "", "[" * 5000: ""}


@pytest.mark.parametrize("text", [*TABLES, *TEXTS], ids=lambda text: f"{text!r:.60}")
def test_a_fault_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(InputError, match="file: not what evaluate writes: ") as caught:
        if text in TABLES:
            read_table(path, VALIDATION_PREDICTIONS, stage="evaluate")
        read_scores(path, stage="evaluate")
    assert (TABLES | TEXTS)[text] in str(caught.value)
    assert str(caught.value).endswith("; run evaluate again")
