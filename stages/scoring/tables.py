"""The tables and scores that stages write for each other: their columns, and how to read them."""

import json
from contextlib import suppress
from pathlib import Path

import pandas as pd

from stages.formats.task import CLASS_COUNT
from stages.harness import paths
from stages.harness.errors import InputError

# The highest number of a column, which also has the column's type; the lowest is 0.
LABEL, COUNT, SHARE, NATS = CLASS_COUNT - 1, 10**9, 1.0, 1e9

CURVE = {"epoch": COUNT, "train_loss": NATS, "validation_loss": NATS}
CURVE |= {"train_accuracy": SHARE, "validation_accuracy": SHARE}
CLASSES = {"class": LABEL, "precision": SHARE, "recall": SHARE, "f1": SHARE, "rows": COUNT}
CLASSES |= {f"as_{label}": COUNT for label in range(CLASS_COUNT)}
BINS = dict.fromkeys(("from", "to", "confidence", "accuracy", "low", "high"), SHARE)
PREDICTION = {"predicted": LABEL, "confidence": SHARE}

# By the name of the file; `row` and `neighbour` count the images of a CSV file from 0.
SCHEMAS: dict[str, dict[str, float]] = {
    paths.LEARNING_CURVE.name: CURVE,
    paths.CLASSES_TABLE.name: CLASSES,
    paths.RELIABILITY.name: BINS | {"images": COUNT},
    paths.COVERAGE.name: {"coverage": SHARE, "accuracy": SHARE},
    paths.NEIGHBOURS.name: {"row": COUNT, "neighbour": COUNT},
    paths.LABEL_ISSUES.name: {"row": COUNT, "label": LABEL} | PREDICTION,
    paths.VALIDATION_PREDICTIONS.name: {"row": COUNT, "actual": LABEL} | PREDICTION,
    paths.TEST_PREDICTIONS.name: {"row": COUNT} | PREDICTION,
    paths.SUBMISSION.name: {"ImageId": COUNT, "Label": LABEL},
}
SCORES = ["accuracy", "accuracy_low", "accuracy_high", "log_loss"]  # of metrics/evaluate.json
SCORES += ["calibration_error", "train_accuracy"]


def read_table(path: Path, *, may_be_empty: bool = False) -> pd.DataFrame:
    """Reads a table whose columns are in `SCHEMAS`.

    Raises:
        InputError: a column is missing, there are no rows, or a value is none of the column's.
    """
    schema = SCHEMAS[path.name]
    types = {name: type(highest) for name, highest in schema.items()}
    with suppress(ValueError, OverflowError):
        table = pd.read_csv(path, usecols=list(schema), dtype=types)[list(schema)]
        in_range = (table.to_numpy() >= 0) & (table.to_numpy() <= [*schema.values()])
        if in_range.all() and (may_be_empty or len(table)):
            return table
    raise InputError(f"{path}: damaged; expected rows of {','.join(schema)}; run dvc repro")


def read_scores(path: Path) -> dict[str, float]:
    """Reads the scores in `SCORES`; raises an InputError if one is missing or no number."""
    with suppress(ValueError, TypeError, KeyError):
        scores = json.loads(path.read_text(encoding="utf-8"))
        return {name: float(scores[name]) for name in SCORES}
    raise InputError(f"{path}: damaged; expected {', '.join(SCORES)}; run dvc repro")
