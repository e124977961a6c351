"""The tables and scores that stages write for each other: their columns, and reading them."""

import csv
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from stages.formats.task import CLASS_COUNT
from stages.harness.errors import InputError

Table = npt.NDArray[Any]  # structured: a field for each column, int64 or float64


class Column(NamedTuple):
    """The type of a column's numbers, and their lowest and highest value."""

    parse: type[int] | type[float]
    low: float
    high: float

    def __str__(self) -> str:
        kind = "a whole number" if self.parse is int else "a number"
        return f"{kind} from {self.low} to {self.high}"


LABEL = Column(int, 0, CLASS_COUNT - 1)
COUNT = Column(int, 0, 10**9)
SHARE = Column(float, 0, 1)
NATS = Column(float, 0, 10**9)

LEARNING_CURVE = {"epoch": COUNT, "train_loss": NATS, "validation_loss": NATS}
LEARNING_CURVE |= {"train_accuracy": SHARE, "validation_accuracy": SHARE}
# `row` counts the images of train.csv or test.csv from 0.
TEST_PREDICTIONS = {"row": COUNT, "predicted": LABEL, "confidence": SHARE}
VALIDATION_PREDICTIONS = {"row": COUNT, "actual": LABEL, "predicted": LABEL, "confidence": SHARE}
SUSPECTS = {"row": COUNT, "label": LABEL, "predicted": LABEL, "confidence": SHARE}
RELIABILITY = dict.fromkeys(("from", "to", "confidence", "accuracy", "low", "high"), SHARE)
RELIABILITY |= {"images": COUNT}
NEIGHBOURS = {"row": COUNT, "neighbour": COUNT}  # of train.csv
COVERAGE = {"coverage": SHARE, "accuracy": SHARE}
SUBMISSION = {"ImageId": COUNT, "Label": LABEL}
# Of metrics/evaluate.json.
SCORES = dict.fromkeys(("accuracy", "accuracy_low", "accuracy_high", "calibration_error"), SHARE)
SCORES |= {"log_loss": NATS, "train_accuracy": SHARE}


def read_table(
    path: Path, columns: Mapping[str, Column], *, stage: str, empty: bool = False
) -> Table:
    """Reads a CSV file that `stage` wrote with `outputs.write_table`.

    Args:
        empty: whether there may be no rows.

    Raises:
        InputError: other columns, no rows, or a cell that is no such number; the text names the
            row, counted from 1 below the header.
    """
    dtype = [(name, column.parse) for name, column in columns.items()]
    missing = ValueError(f"expected rows of {','.join(columns)}")
    # ASCII, because NumPy 2.4 can crash on other characters.
    with _naming_faults(path, stage), path.open(encoding="ascii") as file:
        if file.readline() != ",".join(columns) + "\n":
            raise missing
        start = file.tell()
        try:
            with warnings.catch_warnings(action="error"):  # of no rows, or of 1.0 for 1
                table = np.loadtxt(file, dtype, delimiter=",", comments=None, ndmin=1)
            for name, column in columns.items():
                if not (table[name].min() >= column.low and table[name].max() <= column.high):
                    raise ValueError(name)
        except (ValueError, Warning):  # row by row, to name the fault
            file.seek(start)
            rows = enumerate(csv.reader(file, strict=True), 1)
            table = np.array([_parse_row(*row, columns) for row in rows], dtype)
        if not (len(table) or empty):
            raise missing
    return table


def read_scores(path: Path, *, stage: str) -> dict[str, float]:
    """Reads the scores that `stage` wrote: a number in its range for each name in `SCORES`.

    Raises:
        InputError: a score is missing, unknown, no number or out of range.
    """
    with _naming_faults(path, stage):
        scores: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(scores, dict) or set(scores) != set(SCORES):
            raise ValueError(f"expected {', '.join(SCORES)}")
        for name, value in scores.items():
            if not isinstance(value, int | float) or not 0 <= value <= SCORES[name].high:
                raise ValueError(f"{name}: {value!r:.40}; expected {SCORES[name]}")
    return scores


@contextmanager
def _naming_faults(path: Path, stage: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; run {stage} again") from None
    except (ValueError, csv.Error, RecursionError) as error:
        fault = f"{error!s:.160}"
        raise InputError(f"{path}: not what {stage} writes: {fault}; run {stage} again") from None


def _parse_row(
    number: int, cells: list[str], columns: Mapping[str, Column]
) -> tuple[int | float, ...]:
    if len(cells) != len(columns):
        raise ValueError(f"row {number}: {len(cells)} cells; expected {len(columns)}")
    values = []
    for cell, (name, column) in zip(cells, columns.items(), strict=True):
        try:
            values.append(column.parse(cell))
            inside = column.low <= values[-1] <= column.high  # False for NaN
        except ValueError:
            inside = False
        if not inside:
            raise ValueError(f"row {number}, {name}: {cell:.40}; expected {column}")
    return tuple(values)
