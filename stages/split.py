"""Divides the labelled rows into a part to train on and a part to be scored on."""

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import train_test_split

from stages.arrays import write_sums
from stages.dataset import CLASSES, open_labels
from stages.errors import InputError, run
from stages.outputs import new_folder
from stages.params import read_params

Rows = npt.NDArray[np.int64]


def split(
    labels: npt.NDArray[np.uint8], *, validation_fraction: float, seed: int
) -> tuple[Rows, Rows]:
    """Divides rows 0 to n-1 at random, each digit in the same proportion (stratified).

    Returns:
        The row numbers of the training and of the validation part, each in rising order.

    Raises:
        InputError: a digit has too few rows to be in both parts.
    """
    counts = np.bincount(labels, minlength=CLASSES)
    if counts.min() < 2:
        raise InputError(
            f"train.csv: digit {counts.argmin()} has {counts.min()} of {len(labels)} rows; "
            "expected at least 2 rows of every digit, to train on one and be scored on another"
        )
    scored = math.ceil(len(labels) * validation_fraction)
    if not CLASSES <= scored <= len(labels) - CLASSES:
        raise InputError(
            f"split.validation_fraction: {validation_fraction} of {len(labels)} rows is {scored}; "
            f"expected at least {CLASSES} rows, one of every digit, in both parts"
        )
    train, validation = train_test_split(
        np.arange(len(labels)), test_size=scored, stratify=labels, random_state=seed
    )
    return np.sort(train), np.sort(validation)


def main() -> None:
    labels = open_labels(Path("data/prepared/train_labels.npy"))
    train, validation = split(labels, **read_params().split.model_dump())
    with new_folder(Path("data/split")) as folder:
        np.save(folder / "train.npy", train)
        np.save(folder / "validation.npy", validation)
        write_sums(folder)
    print(f"{len(train):,} rows to train on, {len(validation):,} to be scored on")


if __name__ == "__main__":
    run(main)
