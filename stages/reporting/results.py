"""What the other stages wrote, read for the report."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.formats.prepared import ImageRows, Labels, StoredImages, read_labels
from stages.formats.task import Task, read_task
from stages.harness import paths
from stages.harness.errors import InputError
from stages.scoring.tables import read_scores, read_table

Counts = npt.NDArray[np.int64]  # (classes, classes), a row for each true class


def read_validation(labels: Labels, task: Task) -> pd.DataFrame:
    """Reads the predictions of the validation images; see `tables.COLUMNS`.

    Args:
        labels: (n,), of all labelled images.

    Raises:
        InputError: the table is damaged, or of images with other labels.
    """
    table = read_table(paths.VALIDATION_PREDICTIONS)
    rows, names = table["row"], np.array(task.classes, object)
    known = {*task.classes}.issuperset(table["predicted"])
    if (
        not known
        or not rows.between(0, len(labels) - 1).all()
        or (names[labels[rows]] != table["actual"]).any()
    ):
        raise InputError(f"{paths.VALIDATION_PREDICTIONS}: of other data; run dvc repro")
    return table


class Results:
    """What `evaluate` and `predict` wrote, and the images and labels that it is about.

    Raises:
        InputError: a table or an array is damaged, or the predictions are of other data.
    """

    def __init__(self) -> None:
        self.scores = read_scores(paths.SCORES)
        self.task = read_task(paths.PREPARED)
        self.train_images: ImageRows = StoredImages(paths.TRAIN_IMAGES)
        self.labels = read_labels(paths.TRAIN_LABELS)
        self.test_images: ImageRows = StoredImages(paths.TEST_IMAGES)
        self.curve = read_table(paths.LEARNING_CURVE)
        self.classes = read_table(paths.CLASSES_TABLE)
        self.reliability = read_table(paths.RELIABILITY)
        self.coverage = read_table(paths.COVERAGE)
        self.neighbours = read_table(paths.NEIGHBOURS)
        self.label_issues = read_table(paths.LABEL_ISSUES)
        self.validation = read_validation(self.labels, self.task)
        self.test = read_table(paths.TEST_PREDICTIONS)
        if len(self.test) != len(self.test_images):
            raise InputError(f"{paths.TEST_PREDICTIONS}: of other data; run dvc repro")

    @property
    def counts(self) -> Counts:
        """The confusion matrix of the validation rows."""
        return self.classes[[f"as_{name}" for name in self.task.classes]].to_numpy()

    @property
    def names(self) -> npt.NDArray[np.object_]:
        """The class of each labelled image."""
        return np.array(self.task.classes, object)[self.labels]

    @property
    def mistakes(self) -> pd.DataFrame:
        """The validation rows that are predicted wrong, the most confident first."""
        wrong = self.validation.query("actual != predicted")
        return wrong.sort_values("confidence", ascending=False, kind="stable")
