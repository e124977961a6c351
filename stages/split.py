"""Divides the labelled rows into a training part and a validation part, or into folds."""

import numpy as np
import numpy.typing as npt

from stages.formats.arrays import write_sums
from stages.formats.prepared import Labels, Rows, read_groups, read_labels, read_split
from stages.formats.task import CLASS_COUNT, CLASSES
from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.imports import not_imported
from stages.harness.outputs import new_folder
from stages.harness.params import read_params

with not_imported("pandas"):  # a quarter of a second faster
    from sklearn.model_selection import StratifiedKFold, train_test_split


def split(
    labels: Labels, groups: Rows | None = None, *, validation_fraction: float, seed: int
) -> tuple[Rows, Rows]:
    """Divides rows 0 to n - 1 at random, each class in the same proportion (stratified).

    Args:
        labels: uint8 (n,), each a place in CLASSES.
        groups: int64 (n,), for each row the first one with an equal image; equal images come into
            the same part. By default no two are equal.
        validation_fraction: the share of the validation part, between 0 and 1; its number of
            groups is rounded up.
        seed: the same seed gives the same parts.

    Returns:
        The row numbers of the training part and of the validation part, each in ascending order.

    Raises:
        InputError: a class has fewer than 2 groups, or a part has fewer than there are classes.
    """
    groups = np.arange(len(labels)) if groups is None else groups
    firsts = np.unique(groups)
    check_counts(labels[firsts], 2)
    try:
        train, _ = train_test_split(
            firsts,
            test_size=validation_fraction,
            stratify=labels[firsts],
            random_state=seed,
        )
    except ValueError as error:
        fault = f"params.yaml: split.validation_fraction: {validation_fraction}: {error}"
        raise InputError(f"{fault}; choose a fraction nearer to 0.5") from None
    is_training = np.isin(groups, train)
    return np.flatnonzero(is_training), np.flatnonzero(~is_training)


def assign_folds(
    labels: Labels, groups: Rows | None = None, *, folds: int, seed: int
) -> npt.NDArray[np.uint8]:
    """Assigns each row to a fold at random, each class in the same proportion (stratified).

    Args:
        labels, groups: see `split`.
        folds: how many, 2 or more; each class differs by at most a group from fold to fold.
        seed: the same seed gives the same folds.

    Returns:
        uint8 (n,), each row's fold, from 1.

    Raises:
        InputError: a class has fewer groups than there are folds.
    """
    groups = np.arange(len(labels)) if groups is None else groups
    firsts = np.unique(groups)
    check_counts(labels[firsts], folds)
    assigned = np.empty(len(labels), np.uint8)
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(firsts, labels[firsts])
    for number, (_, places) in enumerate(parts, 1):
        assigned[firsts[places]] = number
    return assigned[groups]


def check_counts(labels: Labels, parts: int) -> None:
    """Raises an InputError unless each class has at least `parts` different images."""
    counts = np.bincount(labels, minlength=CLASS_COUNT)
    if counts.min() < parts:
        raise InputError(
            f"train.csv: class {CLASSES[counts.argmin()]} has {counts.min()} different images; "
            f"expected at least {parts}, one for each part of the split"
        )


def main() -> None:
    labels, settings = read_labels(paths.TRAIN_LABELS), read_params().split
    groups, seed = read_groups(paths.PREPARED, len(labels)), settings.seed
    with new_folder(paths.SPLIT) as folder:
        if settings.folds > 1:
            folds = assign_folds(labels, groups, folds=settings.folds, seed=seed)
            np.save(folder / paths.FOLDS.name, folds)
        else:
            fraction = settings.validation_fraction
            train, validation = split(labels, groups, validation_fraction=fraction, seed=seed)
            np.save(folder / paths.TRAIN_ROWS.name, train)
            np.save(folder / paths.VALIDATION_ROWS.name, validation)
        write_sums(folder)
    for train, validation in read_split(paths.SPLIT, len(labels)):
        print(f"{len(train):,} training rows, {len(validation):,} validation rows")


if __name__ == "__main__":
    run(main)
