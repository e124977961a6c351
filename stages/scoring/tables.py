"""The tables and scores that stages write for each other: their columns, and how to read them."""

import json
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pandas as pd

from stages.harness import paths
from stages.harness.errors import InputError

PREDICTION = ["predicted", "confidence"]  # a class; a probability as text of four decimals
TEXTS = ("class", "actual", "label", "predicted", "file")  # of any text, such as "NA" or "007"
# By the name of the file; rows count from 0. Of pictures, `file` follows `row`; of test images with
# a label, `actual` does; and of classes.csv, `as_` and each class's name follow.
COLUMNS: dict[str, list[str]] = {
    paths.LEARNING_CURVE.name: [
        "epoch", "train_loss", "validation_loss", "train_accuracy", "validation_accuracy",
    ],
    paths.CLASSES_TABLE.name: ["class", "precision", "recall", "f1", "rows"],
    paths.RELIABILITY.name: ["from", "to", "confidence", "accuracy", "low", "high", "images"],
    paths.COVERAGE.name: ["coverage", "accuracy"],
    paths.NEIGHBOURS.name: ["row", "neighbour"],
    paths.LABEL_ISSUES.name: ["row", "label", *PREDICTION],
    paths.VALIDATION_PREDICTIONS.name: ["row", "actual", *PREDICTION],
    paths.TEST_PREDICTIONS.name: ["row", *PREDICTION],
}  # fmt: skip
SCORES = ["accuracy", "accuracy_low", "accuracy_high", "log_loss"]  # of metrics/evaluate.json
SCORES += ["calibration_error", "balanced_accuracy", "macro_f1", "train_accuracy"]


def read_table(path: Path) -> pd.DataFrame:
    """Reads a table that has the columns of `COLUMNS`.

    Raises:
        InputError: a column is missing, or this is not a table.
    """
    columns = COLUMNS[path.name]
    numbers = [name for name in columns if name not in TEXTS]
    with suppress(ValueError):
        content = path.read_bytes()
        if not content.endswith(b"\n"):
            raise ValueError("cut off")
        table = pd.read_csv(BytesIO(content), dtype=dict.fromkeys(TEXTS, str), na_filter=False)
        if missing := {*columns}.difference(table.columns):
            raise ValueError(f"without {missing}")
        kinds = {name: "int64" if table.empty else table[name].dtype for name in numbers}
        return table.astype(kinds)  # pandas sees no numbers in an empty table
    raise InputError(f"{path}: damaged; expected rows of {','.join(columns)}; run dvc repro")


def read_scores(path: Path) -> dict[str, float]:
    """Reads the scores; raises an InputError if one of `SCORES` is missing or not a number."""
    with suppress(ValueError, TypeError, KeyError):
        scores = json.loads(path.read_text(encoding="utf-8"))
        return {name: float(scores[name]) for name in {*SCORES, *scores}}
    raise InputError(f"{path}: damaged; expected {', '.join(SCORES)}; run dvc repro")
