"""Which rows a classifier is trained on: those of its fold, or a sample of them."""

import numpy as np

from stages.formats import prepared
from stages.formats.prepared import Fold, ImageRows, Labelled, Labels, Part, Rows
from stages.harness import paths
from stages.harness.errors import InputError
from stages.harness.params import Train


def read_folds(train: Train) -> list[Fold]:
    """Reads the rows of each fold; an InputError as of `read_split` and `sample`."""
    labels = prepared.read_labels(paths.TRAIN_LABELS)
    folds = prepared.read_split(paths.SPLIT, len(labels))
    return [(sample(rows, labels, train.rows, train.seed), held_out) for rows, held_out in folds]


def sample(
    rows: Rows, labels: Labels, count: int | None, seed: int, parameter: str = "train.rows"
) -> Rows:
    """Draws `count` of the rows at random, each class in the same proportion; all if it is None.

    Args:
        rows: of the training part, in rising order, as is what is returned.
        labels: of all rows.
        parameter: asks for it; the InputError, if so many cannot be drawn, names it.
    """
    if count is None:
        return rows
    from sklearn.model_selection import train_test_split  # a second to import

    classes = labels[rows]
    try:
        drawn, _ = train_test_split(rows, train_size=count, stratify=classes, random_state=seed)
    except ValueError as error:
        fault = f"{parameter}: cannot draw {count} of {len(rows)} training rows: {error}"
        raise InputError(f"{fault}; expected enough for each class, or null for all") from None
    return np.sort(drawn)


def hold_back(images: ImageRows, labels: Labels, seed: int) -> tuple[ImageRows, Labels, Labelled]:
    """Divides training rows at random into those to learn from and a tenth; see `sample`."""
    rows = np.arange(len(labels))
    learned = sample(rows, labels, len(rows) - len(rows) // 10, seed, "train.patience")
    kept = np.setdiff1d(rows, learned)
    return Part(images, learned), labels[learned], (Part(images, kept), labels[kept])


def select(fold: Fold) -> tuple[ImageRows, Labels, Labelled]:
    """Returns the arguments of `Trainable.fit` for a fold; no image is read yet."""
    labels = prepared.read_labels(paths.TRAIN_LABELS)
    images = prepared.StoredImages(paths.TRAIN_IMAGES)
    learned, validation = ((Part(images, rows), labels[rows]) for rows in fold)
    return *learned, validation
