"""Divides the labelled rows into a training part and a validation part, or into folds."""

import math

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold, train_test_split

from stages.formats.arrays import write_sums
from stages.formats.prepared import Labels, Rows, read_labels, read_split
from stages.formats.task import CLASS_COUNT, CLASSES
from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.outputs import new_folder
from stages.harness.params import read_params


def split(labels: Labels, *, validation_fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Divides rows 0 to n - 1 at random, each class in the same proportion (stratified).

    Args:
        labels: uint8 (n,), each a place in CLASSES.
        validation_fraction: the share of the validation part, between 0 and 1; its number of
            rows is rounded up.
        seed: the same seed gives the same parts.

    Returns:
        The row numbers of the training part and of the validation part, each in ascending order.

    Raises:
        InputError: a class has fewer than 2 rows, or a part has fewer rows than classes.
    """
    check_counts(labels, 2, "train.csv", "one for training and one for validation")
    count = math.ceil(len(labels) * validation_fraction)
    if not CLASS_COUNT <= count <= len(labels) - CLASS_COUNT:
        raise InputError(
            f"split.validation_fraction: {validation_fraction} of {len(labels)} rows is {count}; "
            f"expected at least {CLASS_COUNT} rows, one of every class, in both parts"
        )
    train, validation = train_test_split(
        np.arange(len(labels)), test_size=count, stratify=labels, random_state=seed
    )
    return np.sort(train), np.sort(validation)


def assign_folds(labels: Labels, *, folds: int, seed: int) -> npt.NDArray[np.uint8]:
    """Assigns each row to a fold at random, each class in the same proportion (stratified).

    Args:
        labels: uint8 (n,), each a place in CLASSES.
        folds: how many, 2 or more; each class differs by at most a row from fold to fold.
        seed: the same seed gives the same folds.

    Returns:
        uint8 (n,), each row's fold, from 1.

    Raises:
        InputError: a class has fewer rows than there are folds.
    """
    check_counts(labels, folds, f"split.folds: {folds}", "one for each fold")
    assigned = np.empty(len(labels), np.uint8)
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(labels, labels)
    for number, (_, rows) in enumerate(parts, 1):
        assigned[rows] = number
    return assigned


def check_counts(labels: Labels, least: int, where: str, why: str) -> None:
    """Raises an InputError, which begins with `where`, if a class has fewer rows than `least`."""
    counts = np.bincount(labels, minlength=CLASS_COUNT)
    if counts.min() < least:
        rarest = CLASSES[counts.argmin()]
        raise InputError(
            f"{where}: class {rarest} has {counts.min()} of {len(labels)} rows; "
            f"expected at least {least} rows of every class, {why}"
        )


def main() -> None:
    labels, settings = read_labels(paths.TRAIN_LABELS), read_params().split
    seed = settings.seed
    with new_folder(paths.SPLIT) as folder:
        if settings.folds > 1:
            folds = assign_folds(labels, folds=settings.folds, seed=seed)
            np.save(folder / paths.FOLDS.name, folds)
        else:
            fraction = settings.validation_fraction
            train, validation = split(labels, validation_fraction=fraction, seed=seed)
            np.save(folder / paths.TRAIN_ROWS.name, train)
            np.save(folder / paths.VALIDATION_ROWS.name, validation)
        write_sums(folder)
    for train, validation in read_split(paths.SPLIT, len(labels)):
        print(f"{len(train):,} training rows, {len(validation):,} validation rows")


if __name__ == "__main__":
    run(main)
