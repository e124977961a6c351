"""What the other stages left, read for the report: scores, tables, and images to show."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stages.classifier import CURVE
from stages.dataset import CLASSES, Images, Labels, open_labels, read_images
from stages.errors import InputError
from stages.tables import (
    COVERAGE,
    LEARNING_CURVE,
    RELIABILITY,
    SCORES,
    SUBMISSION,
    TEST_PREDICTIONS,
    VALIDATION_PREDICTIONS,
    Table,
    read_table,
)

PREPARED, METRICS = Path("data/prepared"), Path("metrics")

Digits = tuple[Images, Table]  # images, and for each the row of the table it was chosen from


@dataclass(frozen=True)
class Findings:
    """Scores by name; labels of all rows of train.csv; the others as in `tables`."""

    scores: dict[str, float]
    labels: Labels
    curve: Table
    reliability: Table
    coverage: Table
    validation: Table
    test: Table

    @property
    def wrong(self) -> Table:
        """The validation rows that are predicted wrong."""
        wrong: Table = self.validation[self.validation["actual"] != self.validation["predicted"]]
        return wrong


@dataclass(frozen=True)
class Shown:
    """Images to look at."""

    samples: tuple[Images, Labels]  # as many of each digit
    interesting: Digits  # the most confident mistakes, then the least sure hits
    mistakes: Digits  # the most confident first
    first: Digits  # of the test images
    unsure: Digits  # ... the least sure first


def read_findings() -> Findings:
    """Reads what `evaluate` and `predict` wrote.

    Raises:
        InputError: a file is not whole, or not of the same run as another.
    """
    labels = open_labels(PREPARED / "train_labels.npy")
    validation = read_table(
        METRICS / "validation_predictions.csv", VALIDATION_PREDICTIONS, stage="evaluate"
    )
    rows = validation["row"]
    if rows.max() >= len(labels) or (labels[rows] != validation["actual"]).any():
        raise InputError(
            "metrics/validation_predictions.csv: not the labels of data/prepared; "
            "run evaluate again"
        )
    test = read_table(METRICS / "test_predictions.csv", TEST_PREDICTIONS, stage="predict")
    submitted = read_table(Path("data/submission.csv"), SUBMISSION, stage="predict")
    if not np.array_equal(submitted["Label"], test["predicted"]):
        raise InputError(
            "data/submission.csv: not the digits of metrics/test_predictions.csv; run predict again"
        )
    return Findings(
        scores=read_scores(METRICS / "evaluate.json"),
        labels=labels,
        curve=read_table(METRICS / CURVE, LEARNING_CURVE, stage="evaluate"),
        reliability=read_table(METRICS / "reliability.csv", RELIABILITY, stage="evaluate"),
        coverage=read_table(METRICS / "coverage.csv", COVERAGE, stage="evaluate"),
        validation=validation,
        test=test,
    )


def read_scores(path: Path) -> dict[str, float]:
    """Reads the scores that `evaluate` wrote.

    Raises:
        InputError: one is missing, is another's, or is not a number in its range.
    """
    try:
        scores: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
        if set(scores) != set(SCORES):
            raise ValueError(f"expected {', '.join(SCORES)}")
        for name, column in SCORES.items():
            if not column.low <= scores[name] <= column.high:  # also true for NaN
                raise ValueError(f"{name}: {scores[name]}; expected {column.low} to {column.high}")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; run evaluate again") from None
    except (ValueError, TypeError, RecursionError) as error:
        text = f"{error!s:.160}"
        raise InputError(f"{path}: not what evaluate writes: {text}; run evaluate again") from None
    return scores


def first_of_each(labels: Labels, count: int = 5) -> npt.NDArray[np.int64]:
    """Picks the first images of every digit: `count` zeros, ones, ..., (10 * `count`,)."""
    firsts = [np.flatnonzero(labels == digit)[:count] for digit in range(CLASSES)]
    return np.concatenate([np.resize(found, count) for found in firsts])


def interesting(table: Table, count: int) -> Table:
    """Picks rows to look at: the most confident mistakes first, then the least sure hits."""
    wrong = table["actual"] != table["predicted"]
    order = np.lexsort((np.where(wrong, -table["confidence"], table["confidence"]), ~wrong))
    return table[order[:count]]


def choose(found: Findings, *, digits_shown: int, mistakes_shown: int) -> Shown:
    """Picks what to show; each file of images is read once.

    Raises:
        InputError: the images are not those that were predicted.
    """
    samples = first_of_each(found.labels)
    picked = interesting(found.validation, digits_shown)
    mistakes = interesting(found.wrong, mistakes_shown)
    rows = [samples, picked["row"], mistakes["row"]]
    train = _read("train_images.npy", rows, len(found.labels))
    first = found.test[:digits_shown]
    unsure = found.test[np.argsort(found.test["confidence"], kind="stable")[:digits_shown]]
    test = _read("test_images.npy", [first["row"], unsure["row"]], len(found.test))
    return Shown(
        samples=(train[0], found.labels[samples]),
        interesting=(train[1], picked),
        mistakes=(train[2], mistakes),
        first=(test[0], first),
        unsure=(test[1], unsure),
    )


def _read(name: str, parts: list[npt.NDArray[np.int64]], count: int) -> list[Images]:
    rows = np.concatenate(parts)
    if rows.max() >= count:
        raise InputError(f"{PREPARED / name}: {count} images, row {rows.max()}; run dvc repro")
    images = read_images(PREPARED / name, rows, count=count)
    return np.split(images, np.cumsum([len(part) for part in parts])[:-1])
