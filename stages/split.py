"""Divides the labelled rows into a training part and a validation part."""

import math

import numpy as np
from sklearn.model_selection import train_test_split

from stages.formats.arrays import write_sums
from stages.formats.prepared import Labels, Rows, read_labels
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
        The row numbers of the training part and of the validation part, each in rising order.

    Raises:
        InputError: a class has fewer than 2 rows, or a part has fewer rows than classes.
    """
    counts = np.bincount(labels, minlength=CLASS_COUNT)
    if counts.min() < 2:
        rarest = CLASSES[counts.argmin()]
        raise InputError(
            f"train.csv: class {rarest} has {counts.min()} of {len(labels)} rows; "
            "expected at least 2 rows of every class, one for training and one for validation"
        )
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


def main() -> None:
    labels = read_labels(paths.TRAIN_LABELS)
    train, validation = split(labels, **read_params().split.model_dump())
    with new_folder(paths.SPLIT) as folder:
        np.save(folder / paths.TRAIN_ROWS.name, train)
        np.save(folder / paths.VALIDATION_ROWS.name, validation)
        write_sums(folder)
    print(f"{len(train):,} training rows, {len(validation):,} validation rows")


if __name__ == "__main__":
    run(main)
