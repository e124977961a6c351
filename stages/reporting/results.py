"""What the other stages wrote, read for the report: tables and scores, and what they are about."""

from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import RootModel

from stages.formats.prepared import ImageRows, Labels, StoredImages, read_labels
from stages.formats.task import Task, read_task
from stages.harness import paths
from stages.harness.errors import InputError
from stages.harness.section import check
from stages.scoring.metrics import MEASURES

Counts = npt.NDArray[np.int64]  # (classes, classes), a row for each true class
PREDICTION = ["predicted", "confidence"]  # a class; a probability as text of four decimals
TEXTS = ["class", "actual", "label", "predicted", "file"]  # of any text, such as "NA" or "007"
# By the name of the file; rows count from 0. Of pictures, `file` follows `row`; in classes.csv,
# `as_` and each class's name follow.
COLUMNS = {
    paths.LEARNING_CURVE.name: ["epoch", *MEASURES],
    paths.CLASSES_TABLE.name: ["class", "precision", "recall", "f1", "rows"],
    paths.RELIABILITY.name: ["from", "to", "confidence", "accuracy", "low", "high", "images"],
    paths.COVERAGE.name: ["coverage", "accuracy"],
    paths.NEIGHBOURS.name: ["row", "neighbour"],
    paths.LABEL_ISSUES.name: ["row", "label", *PREDICTION],
    paths.VALIDATION_PREDICTIONS.name: ["row", "actual", *PREDICTION],
    paths.TEST_PREDICTIONS.name: ["row", *PREDICTION],
}
Scores = RootModel[dict[str, float]]  # of metrics/evaluate.json


def read_table(path: Path, *more: str) -> pd.DataFrame:
    """Reads a table; an InputError says that it is none, or lacks one of `COLUMNS` or `more`."""
    columns = [*COLUMNS[path.name], *more]
    with suppress(ValueError, KeyError):
        content = path.read_bytes()
        if not content.endswith(b"\n"):
            raise ValueError("cut off")
        table = pd.read_csv(BytesIO(content), dtype=dict.fromkeys(TEXTS, str), na_filter=False)
        numbers = table[columns].columns.difference(TEXTS)
        # pandas sees no numbers in an empty table
        return table.astype(dict.fromkeys(numbers, "int64")) if table.empty else table
    raise InputError(f"{path}: damaged; expected rows of {','.join(columns):.200}; run dvc repro")


def read_validation(labels: Labels, task: Task) -> pd.DataFrame:
    """Reads the predictions of the validation images; `labels` are those of all labelled images.

    Raises an InputError if the table is damaged, or of images with other labels.
    """
    table = read_table(paths.VALIDATION_PREDICTIONS)
    names = pd.Series(np.array(task.classes, object)[labels])
    known = table["predicted"].isin(task.classes).all()
    if not known or (names.reindex(table["row"]).to_numpy() != table["actual"]).any():
        raise InputError(f"{paths.VALIDATION_PREDICTIONS}: of other data; run dvc repro")
    return table


class Results:
    """What `evaluate` and `predict` wrote, and the images and labels that it is about.

    Raises an InputError if a file is damaged, or the predictions are of other data.
    """

    def __init__(self) -> None:
        content = paths.SCORES.read_bytes()
        self.scores = check(Scores, content, paths.SCORES, "; run dvc repro").root
        self.task = read_task(paths.PREPARED)
        self.train_images: ImageRows = StoredImages(paths.TRAIN_IMAGES)
        self.labels = read_labels(paths.TRAIN_LABELS)
        self.test_images: ImageRows = StoredImages(paths.TEST_IMAGES)
        self.curve = read_table(paths.LEARNING_CURVE)
        names = [f"as_{name}" for name in self.task.classes]
        self.classes = read_table(paths.CLASSES_TABLE, *names)
        self.counts: Counts = self.classes[names].to_numpy()  # the confusion matrix
        self.reliability = read_table(paths.RELIABILITY)
        self.coverage = read_table(paths.COVERAGE)
        self.neighbours = read_table(paths.NEIGHBOURS)
        self.label_issues = read_table(paths.LABEL_ISSUES)
        self.validation = read_validation(self.labels, self.task)
        self.test = read_table(paths.TEST_PREDICTIONS)
        if len(self.test) != len(self.test_images):
            raise InputError(f"{paths.TEST_PREDICTIONS}: of other data; run dvc repro")

    @property
    def mistakes(self) -> pd.DataFrame:
        """The validation rows that are predicted wrong, the most confident first."""
        wrong = self.validation.query("actual != predicted")
        return wrong.sort_values("confidence", ascending=False, kind="stable")
