"""What the other stages wrote, read for the report, and the selection of images to show."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stages.formats.prepared import Images, Labels, Rows, StoredImages, read_labels
from stages.formats.task import CLASS_COUNT
from stages.harness import paths
from stages.harness.errors import InputError
from stages.scoring import tables
from stages.scoring.tables import Table, read_scores, read_table

Shown = tuple[Images, Table]  # images, and for each the row of the table it was selected from
EXPLAINED = 50  # mistakes on the page whose neighbours are shown: each takes 2 KB


@dataclass(frozen=True)
class Results:
    """Scores by name; labels of all rows of train.csv; the others as in `tables`."""

    scores: dict[str, float]
    labels: Labels
    curve: Table
    reliability: Table
    coverage: Table
    neighbours: Table
    suspects: Table
    validation: Table
    test: Table

    @property
    def mistakes(self) -> Table:
        """The validation rows that are predicted wrong."""
        wrong: Table = self.validation[self.validation["actual"] != self.validation["predicted"]]
        return wrong


@dataclass(frozen=True)
class Selection:
    """Images to show."""

    samples: tuple[Images, Labels]  # equally many of each class
    validation: Shown  # as `rank_for_display` orders them
    mistakes: Shown  # the most confident first
    neighbours: Shown  # of the first of these mistakes, the nearest first
    suspects: Shown  # rows whose label is most in doubt
    first: Shown  # test images in the file's order
    unsure: Shown  # test images, the least confident first


def read_results() -> Results:
    """Reads what `evaluate` and `predict` wrote.

    Raises:
        InputError: a file is damaged, or not of the same run as another.
    """
    read_evaluated = partial(read_table, stage="evaluate")
    labels = read_labels(paths.TRAIN_LABELS)
    validation = read_evaluated(paths.VALIDATION_PREDICTIONS, tables.VALIDATION_PREDICTIONS)
    rows = validation["row"]
    if rows.max() >= len(labels) or (labels[rows] != validation["actual"]).any():
        fault = f"other labels than {paths.TRAIN_LABELS}"
        raise InputError(f"{paths.VALIDATION_PREDICTIONS}: {fault}; run evaluate again")
    test = read_table(paths.TEST_PREDICTIONS, tables.TEST_PREDICTIONS, stage="predict")
    submission = read_table(paths.SUBMISSION, tables.SUBMISSION, stage="predict")
    if not np.array_equal(submission["Label"], test["predicted"]):
        fault = f"other classes than {paths.TEST_PREDICTIONS}"
        raise InputError(f"{paths.SUBMISSION}: {fault}; run predict again")
    return Results(
        scores=read_scores(paths.SCORES, stage="evaluate"),
        labels=labels,
        curve=read_evaluated(paths.LEARNING_CURVE, tables.LEARNING_CURVE),
        reliability=read_evaluated(paths.RELIABILITY, tables.RELIABILITY),
        coverage=read_evaluated(paths.COVERAGE, tables.COVERAGE),
        neighbours=read_evaluated(paths.NEIGHBOURS, tables.NEIGHBOURS, empty=True),
        suspects=read_evaluated(paths.SUSPECTS, tables.SUSPECTS, empty=True),
        validation=validation,
        test=test,
    )


def select_samples(labels: Labels, count: int = 5) -> Rows:
    """Gives the first rows of every class, `count` of each: (classes * `count`,)."""
    rows = [np.flatnonzero(labels == label)[:count] for label in range(CLASS_COUNT)]
    return np.concatenate([np.resize(of_class, count) for of_class in rows])


def rank_for_display(rows: Table) -> Table:
    """Orders rows: the most confident mistakes first, then the least confident correct ones."""
    wrong = rows["actual"] != rows["predicted"]
    return rows[np.lexsort((np.where(wrong, -rows["confidence"], rows["confidence"]), ~wrong))]


def select(results: Results, *, images_shown: int, mistakes_shown: int) -> Selection:
    """Selects the images to show; each file of images is read once.

    Raises:
        InputError: the files do not hold the images that were predicted.
    """
    samples = select_samples(results.labels)
    validation = rank_for_display(results.validation)[:images_shown]
    mistakes = rank_for_display(results.mistakes)[:mistakes_shown]
    explained = np.isin(results.neighbours["row"], mistakes["row"][:EXPLAINED])
    neighbours = results.neighbours[explained]
    suspects = results.suspects[:images_shown]
    rows = [samples, validation["row"], mistakes["row"], neighbours["neighbour"], suspects["row"]]
    train = _read_groups(paths.TRAIN_IMAGES, rows)
    first = results.test[:images_shown]
    unsure = results.test[np.argsort(results.test["confidence"], kind="stable")[:images_shown]]
    test = _read_groups(paths.TEST_IMAGES, [first["row"], unsure["row"]])
    return Selection(
        samples=(train[0], results.labels[samples]),
        validation=(train[1], validation),
        mistakes=(train[2], mistakes),
        neighbours=(train[3], neighbours),
        suspects=(train[4], suspects),
        first=(test[0], first),
        unsure=(test[1], unsure),
    )


def _read_groups(path: Path, groups: list[npt.NDArray[np.int64]]) -> list[Images]:
    rows, images = np.concatenate(groups), StoredImages(path)
    if rows.max() >= len(images):
        raise InputError(
            f"{path}: {len(images)} images, but row {rows.max()} is used; run dvc repro"
        )
    return np.split(images[rows], np.cumsum([len(group) for group in groups])[:-1])
