"""What stages write for each other: columns and scores, and reading tables with distrust."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from stages.dataset import CLASSES
from stages.errors import InputError

Table = npt.NDArray[Any]  # structured: a field for each column, int64 or float64


class Column(NamedTuple):
    """The type of a column's numbers, and their least and greatest value."""

    parse: type[int] | type[float]
    low: float
    high: float


DIGIT = Column(int, 0, CLASSES - 1)
COUNT = Column(int, 0, 10**9)
SHARE = Column(float, 0, 1)
NATS = Column(float, 0, 10**9)

LEARNING_CURVE = {
    "epoch": COUNT,
    "train_loss": NATS,
    "validation_loss": NATS,
    "train_accuracy": SHARE,
    "validation_accuracy": SHARE,
}
# `row` counts the images of train.csv or test.csv from 0.
TEST_PREDICTIONS = {"row": COUNT, "predicted": DIGIT, "confidence": SHARE}
VALIDATION_PREDICTIONS = {"row": COUNT, "actual": DIGIT, "predicted": DIGIT, "confidence": SHARE}
RELIABILITY = {
    "from": SHARE,
    "to": SHARE,
    "confidence": SHARE,
    "accuracy": SHARE,
    "low": SHARE,
    "high": SHARE,
    "digits": COUNT,
}
COVERAGE = {"coverage": SHARE, "accuracy": SHARE}
SUBMISSION = {"ImageId": COUNT, "Label": DIGIT}
# Of metrics/evaluate.json.
SCORES = {
    "accuracy": SHARE,
    "accuracy_low": SHARE,
    "accuracy_high": SHARE,
    "log_loss": NATS,
    "calibration_error": SHARE,
    "train_accuracy": SHARE,
}


def read_table(path: Path, columns: Mapping[str, Column], *, stage: str) -> Table:
    """Reads a CSV file that `stage` wrote with `outputs.write_table`: one row or more.

    Raises:
        InputError: not exactly these columns, no row, or something that is no such number; the
            text names the row, counted from 1 below the header.
    """
    remedy = f"run {stage} again"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file, strict=True)
        if header != [*columns] or not rows:
            raise ValueError(f"expected rows of {','.join(columns)}")
        values = [_numbers(number, row, columns) for number, row in enumerate(rows, 1)]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; {remedy}") from None
    except (ValueError, csv.Error) as error:
        raise InputError(f"{path}: not what {stage} writes: {error!s:.160}; {remedy}") from None
    return np.array(values, [(name, column.parse) for name, column in columns.items()])


def _numbers(
    number: int, cells: list[str], columns: Mapping[str, Column]
) -> tuple[int | float, ...]:
    if len(cells) != len(columns):
        raise ValueError(f"row {number}: {len(cells)} cells; expected {len(columns)}")
    found = tuple(column.parse(cell) for cell, column in zip(cells, columns.values(), strict=True))
    for value, (name, column) in zip(found, columns.items(), strict=True):
        if not column.low <= value <= column.high:  # also true for NaN
            raise ValueError(
                f"row {number}, {name}: {value}; expected {column.low} to {column.high}"
            )
    return found
