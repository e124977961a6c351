"""Divides the labelled rows into a training part and a validation part, or into folds."""

import warnings

import numpy as np
import numpy.typing as npt

from stages.formats.prepared import Fold, Labels, Rows, open_array, read_labels, read_split
from stages.formats.task import read_task
from stages.harness import paths
from stages.harness.errors import InputError, not_imported, run
from stages.harness.outputs import new_folder, write_sums
from stages.harness.params import read_params

with not_imported("pandas"):  # a quarter of a second faster
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split


def split(labels: Labels, groups: Rows, *, fraction: float, seed: int) -> Fold:
    """Divides rows 0 to n - 1 at random, each class in the same proportion (stratified).

    Args:
        labels: (n,).
        groups: (n,), the first row of each row's group, whose rows come into the same part. Large
            ones, of over two rows on average, are balanced.
        fraction: the share of the validation part, between 0 and 1, rounded up to whole rows. With
            large groups, it is about the nearest of 1/2, 1/3, 1/4 ...
        seed: the same seed gives the same parts.

    Raises an InputError if a part would have fewer rows than there are classes.
    """
    firsts = np.unique(groups)
    if 2 * len(firsts) < len(labels):
        most = min(len(firsts), np.bincount(labels).max())  # scikit-learn's limits
        count = min(max(2, round(1 / fraction)), int(most))
        is_training = assign_folds(labels, groups, folds=count, seed=seed) > 1
        return np.flatnonzero(is_training), np.flatnonzero(~is_training)
    options = {"test_size": fraction, "stratify": labels[firsts], "random_state": seed}
    try:
        is_training = np.isin(groups, train_test_split(firsts, **options)[0])
    except ValueError as error:
        fault = f"params.yaml: split.validation_fraction: {fraction}: {error}"
        raise InputError(f"{fault}; choose a fraction nearer to 0.5") from None
    return np.flatnonzero(is_training), np.flatnonzero(~is_training)


def assign_folds(labels: Labels, groups: Rows, *, folds: int, seed: int) -> npt.NDArray[np.uint8]:
    """Returns the fold, from 1, of each row: (n,). There are 2 or more; for all else, see `split`.

    If each row is alone, each class differs by at most a row from fold to fold.
    """
    kind, units = StratifiedKFold, np.unique(groups)
    if 2 * len(units) < len(labels):
        kind, units = StratifiedGroupKFold, np.arange(len(labels))
    assigned = np.empty(len(labels), np.uint8)
    with warnings.catch_warnings(action="ignore"):  # of a class with fewer rows than folds
        parts = kind(folds, shuffle=True, random_state=seed)
        for number, (_, places) in enumerate(parts.split(units, labels[units], groups[units]), 1):
            assigned[units[places]] = number
    return assigned[groups]


def check_counts(labels: Labels, groups: Rows, classes: tuple[str, ...], parts: int) -> None:
    """Raises an InputError unless each class is in at least `parts` groups."""
    counts = np.array([len(np.unique(groups[labels == i])) for i in range(len(classes))])
    if counts.min() < parts:
        is_alone = len(np.unique(groups)) == len(groups)
        kind = "image(s)" if is_alone else "different image(s) or group(s)"
        fault = f"class {classes[int(counts.argmin())]} has {counts.min()} {kind}"
        fix = "one for each part: add some, remove the class, or choose fewer folds"
        raise InputError(f"{fault}; expected at least {parts}, {fix}")


def check_part(labels: Labels, classes: tuple[str, ...]) -> None:
    """Raises an InputError if a class has no training row."""
    if missing := sorted({*range(len(classes))} - {*labels.tolist()}):
        fix = "set another split.seed, or a smaller split.validation_fraction"
        raise InputError(f"class {classes[missing[0]]} has no training row in this split: {fix}")


def main() -> None:
    labels, settings = read_labels(paths.TRAIN_LABELS), read_params().split
    groups = open_array(paths.GROUPS) if paths.GROUPS.exists() else np.arange(len(labels))
    classes = read_task(paths.PREPARED).classes
    check_counts(labels, groups, classes, max(2, settings.folds))
    with new_folder(paths.SPLIT) as folder:
        if settings.folds > 1:
            folds = assign_folds(labels, groups, folds=settings.folds, seed=settings.seed)
            np.save(folder / paths.FOLDS.name, folds)
        else:
            fraction = settings.validation_fraction
            train, validation = split(labels, groups, fraction=fraction, seed=settings.seed)
            np.save(folder / paths.TRAIN_ROWS.name, train)
            np.save(folder / paths.VALIDATION_ROWS.name, validation)
        write_sums(folder)
        for train, validation in read_split(folder, len(labels)):
            check_part(labels[train], classes)
            print(f"{len(train):,} training rows, {len(validation):,} validation rows")


if __name__ == "__main__":
    run(main)
