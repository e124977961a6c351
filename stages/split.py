"""Divides the labelled rows into a training part and a validation part."""

import math

import numpy as np
import numpy.typing as npt

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
    is_validation = np.zeros(len(labels), bool)
    is_validation[draw(labels, count, seed)] = True
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)


def draw(labels: Labels, count: int, seed: int) -> Rows:
    """Draws `count` rows, each class in the same proportion.

    They are the rows that scikit-learn's `train_test_split` draws with `stratify=labels`; a test
    compares the two. Importing scikit-learn would take longer than all the rest of this stage.
    """
    generator = np.random.RandomState(seed)
    counts = np.bincount(labels, minlength=CLASS_COUNT)
    kept = share_out(counts, len(labels) - count, generator)
    drawn = share_out(counts - kept, count, generator)
    parts = []
    for label in range(CLASS_COUNT):
        rows = generator.permutation(np.flatnonzero(labels == label))
        parts.append(rows[kept[label] : kept[label] + drawn[label]])
    return np.concatenate(parts)


def share_out(
    counts: npt.NDArray[np.int64], total: int, generator: np.random.RandomState
) -> npt.NDArray[np.int64]:
    """Shares `total` rows out to the classes in proportion to their counts.

    What remains after rounding down goes, a row each, to the classes with the largest
    remainders; the generator chooses among equal ones.
    """
    shares = counts / counts.sum() * total
    whole = np.floor(shares)
    remainders, left = shares - whole, int(total - whole.sum())
    for value in np.unique(remainders)[::-1]:
        equal = np.flatnonzero(remainders == value)
        if left > 0:
            chosen = generator.choice(equal, size=min(len(equal), left), replace=False)
            whole[chosen] += 1
            left -= len(chosen)
    return np.asarray(whole, np.int64)


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
