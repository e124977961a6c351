"""Prepared images, their labels, and the rows of a split."""

from copy import copy
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from stages.formats.arrays import open_array
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness import paths
from stages.harness.errors import InputError

Images = npt.NDArray[np.float32]  # (n, *SHAPE), of digits (n, 28, 28, 1); each value in [0, 1]
Labels = npt.NDArray[np.uint8]  # (n,), each a place in CLASSES, of digits 0-9
Rows = npt.NDArray[np.int64]  # (m,), row numbers, from 0
Fold = tuple[Rows, Rows]  # the rows to train on and the rows to validate on, each in rising order
Probabilities = npt.NDArray[np.floating]  # (n, classes); each row sums to 1


def to_images(pixels: npt.NDArray[np.uint8]) -> Images:
    """Normalises pixels in 0-255, in rows (n, 784) or in any shape, to images in [0, 1]."""
    return np.divide(pixels, np.float32(255), dtype=np.float32).reshape(-1, *SHAPE)


class ImageRows(Protocol):
    """Images in memory or in a file: an array is one, `StoredImages` the other."""

    def __len__(self) -> int: ...

    def __getitem__(self, places: slice | Rows, /) -> Images:
        """Gives some of the images: float32 (n, *SHAPE), each value in [0, 1]."""


Labelled = tuple[ImageRows, Labels]  # images and the class of each


class StoredImages:
    """Prepared images in their file, of which only those asked for are in memory; see `ImageRows`.

    There is no memory map: the pages of one count as memory of the process that reads them.

    Args:
        path: a .npy file.
        count: the number of images that the file should hold, if it is known.

    Raises:
        InputError: see `open_array`; or there are not `count` images, or, when they are read, a
            value is outside [0, 1].
    """

    def __init__(self, path: Path, *, count: int | None = None) -> None:
        array = open_array(path, "float32", SHAPE, stage="preprocess")
        if count not in (None, len(array)):
            raise InputError(f"{path}: {len(array)} images, {count} labels; run preprocess again")
        self._path, self._start = path, array.offset
        self._rows = np.arange(len(array))

    def select(self, rows: Rows) -> Self:
        """Gives the images of these rows alone, in their order; nothing is read yet."""
        selected = copy(self)
        selected._rows = self._rows[rows]
        return selected

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, places: slice | Rows) -> Images:
        rows = self._rows[places]
        images = np.empty((len(rows), *SHAPE), np.float32)
        with self._path.open("rb", buffering=0) as file:
            for row, image in zip(rows.tolist(), images, strict=True):
                file.seek(self._start + row * image.nbytes)
                if file.readinto(image.data) != image.nbytes:
                    raise InputError(f"{self._path}: cut short meanwhile; run preprocess again")
        # Also if a value is NaN.
        if not (images.min(initial=0) >= 0 and images.max(initial=0) <= 1):
            raise InputError(f"{self._path}: values outside [0, 1]; run preprocess again")
        return images


def read_labels(path: Path) -> Labels:
    """Reads the labels of prepared images: uint8 (n,), each a place in CLASSES.

    Raises:
        InputError: see `open_array`; or a label has no class.
    """
    labels: Labels = np.asarray(open_array(path, "uint8", (), stage="preprocess"))
    if labels.max() >= CLASS_COUNT:
        row = int((labels >= CLASS_COUNT).argmax())
        raise InputError(
            f"{path} row {row}: label {labels[row]}; expected 0-{CLASS_COUNT - 1}; "
            "run preprocess again"
        )
    return labels


def read_split(folder: Path, count: int) -> list[Fold]:
    """Reads how `split` divided rows 0 to `count` - 1.

    Returns:
        A pair for each classifier to train. If there are several, each row is a validation row
        of one of them, and a training row of all others.

    Raises:
        InputError: see `open_array`; or a row is in both parts of a pair (the score would not
            be honest), twice in one part, in neither part, or outside the data; or a fold has
            no rows.
    """
    path = folder / paths.FOLDS.name
    return _read_folds(path, count) if path.exists() else [_read_parts(folder, count)]


def _read_folds(path: Path, count: int) -> list[Fold]:
    folds = np.asarray(open_array(path, "uint8", (), stage="split"))
    sizes = np.bincount(folds)
    if len(folds) != count or len(sizes) < 3 or sizes[0] or not sizes[1:].all():
        raise InputError(
            f"{path}: {len(folds)} rows in folds {folds.min()} to {folds.max()}; expected {count} "
            "rows in folds 1, 2 and so on, none of them empty; run split again"
        )
    numbers = range(1, len(sizes))
    return [(np.flatnonzero(folds != i), np.flatnonzero(folds == i)) for i in numbers]


def _read_parts(folder: Path, count: int) -> Fold:
    files = [folder / path.name for path in (paths.TRAIN_ROWS, paths.VALIDATION_ROWS)]
    train, validation = (np.asarray(open_array(file, "int64", (), stage="split")) for file in files)
    for file, rows in zip(files, (train, validation), strict=True):
        if rows.min() < 0 or rows.max() >= count:
            raise InputError(f"{file}: row numbers outside 0-{count - 1}; run split again")
        steps = np.diff(rows)
        if (steps <= 0).any():
            row = rows[1 + int((steps <= 0).argmax())]
            raise InputError(f"{file}: row {row} repeats or is out of order; run split again")
    times = np.bincount(np.concatenate([train, validation]), minlength=count)
    if (times != 1).any():
        row = int((times != 1).argmax())
        where = "in both parts" if times[row] else "in neither part"
        raise InputError(f"{folder}: row {row} of {count} is {where}; run split again")
    return train, validation
