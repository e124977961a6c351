"""Prepared images, their labels, and the rows of a split."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from numpy.lib.format import dtype_to_descr, open_memmap, write_array_header_1_0

from stages.formats.task import DIGITS
from stages.harness import paths
from stages.harness.errors import InputError
from stages.harness.outputs import check_sum

Shape = Sequence[int]  # height, width and channels of an image: `Task.shape`, of digits 28, 28, 1
Images = npt.NDArray[np.float32]  # (n, *shape); each value in [0, 1]
Labels = npt.NDArray[np.unsignedinteger]  # (n,), places in `Task.classes`, of digits uint8 0-9
Rows = npt.NDArray[np.int64]  # (m,), row numbers, from 0
Fold = tuple[Rows, Rows]  # the rows to train on and the rows to validate on, each in rising order
Probabilities = npt.NDArray[np.floating]  # (n, classes); each row sums to 1


def to_images(pixels: npt.NDArray[np.unsignedinteger], shape: Shape = DIGITS.shape) -> Images:
    """Normalises pixels in 0-255, in rows (n, 784) or in any shape, to images in [0, 1]."""
    images: Images = np.divide(pixels, np.float32(255), dtype=np.float32).reshape(-1, *shape)
    return images


def as_images(array: npt.ArrayLike, shape: Shape) -> Images:
    """Returns images in the form that classifiers read: float32 (n, *shape) in [0, 1].

    Args:
        array: (n, *shape), (n, height, width) of grey images, or rows (n, numbers of an image);
            whole numbers in 0-255, or floats in [0, 1]. An InputError names any other.
    """
    found, shape = np.asarray(array), tuple(shape)
    shapes = (shape, (math.prod(shape),), shape[:2] if shape[2] == 1 else shape)
    highest = {"f": 1, "i": 255, "u": 255}.get(found.dtype.kind)
    fault = f"an array {found.dtype} of the shape {found.shape}"
    if found.shape[1:] in shapes and highest:
        images = np.asarray(found, np.float32).reshape(-1, *shape)
        top = images.max(initial=0)
        # This refuses NaN too: no comparison with NaN is true. Whole numbers up to 1 are doubtful.
        if images.min(initial=0) >= 0 and top <= highest and not (top == 1 < highest):
            return images if highest == 1 else images / np.float32(highest)
        fault += f" with values from {found.min()} to {found.max()}"
    expected = f"(n, {', '.join(map(str, shape))})"
    raise InputError(f"{fault}; expected {expected} of whole numbers in 0-255, or floats in [0, 1]")


def open_array(path: Path) -> np.memmap[tuple[int, ...], np.dtype[Any]]:
    """Opens a .npy file through a memory map, after `check_sum`; nothing in it is unpickled."""
    check_sum(path)
    return open_memmap(path, mode="r")


def write_array(
    path: Path, parts: Iterable[npt.NDArray[Any]], shape: tuple[int, ...], dtype: npt.DTypeLike
) -> None:
    """Writes arrays (rows, *shape), one after the other, as one .npy file; one is in memory."""
    form = {"descr": dtype_to_descr(np.dtype(dtype)), "fortran_order": False}
    count = 0
    with path.open("wb") as file:
        write_array_header_1_0(file, form | {"shape": (0, *shape)})
        for part in parts:
            file.write(part.data)  # a memory map would crash on a full disk
            count += len(part)
        # Now the number is known; NumPy leaves space in a header for a longer one.
        file.seek(0)
        write_array_header_1_0(file, form | {"shape": (count, *shape)})


class ImageRows(Protocol):
    """Images in memory (an array) or in a file (`StoredImages`)."""

    def __len__(self) -> int: ...

    def __getitem__(self, places: slice | Rows, /) -> Images:
        """Returns some of the images: float32 (n, *shape), each value in [0, 1]."""


Labelled = tuple[ImageRows, Labels]  # images and the class of each


class StoredImages:
    """Prepared images in a .npy file, of which only those asked for are in memory; see `ImageRows`.

    There is no memory map: the pages of one count as memory of the process that reads them. A
    changed file is an InputError.
    """

    def __init__(self, path: Path) -> None:
        array = open_array(path)
        self._path, self._start = path, array.offset
        self._count, *self._shape = array.shape

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, places: slice | Rows) -> Images:
        rows = np.arange(*places.indices(self._count)) if isinstance(places, slice) else places
        images = np.empty((len(rows), *self._shape), np.float32)
        starts = np.flatnonzero(np.diff(rows, prepend=-2) != 1)  # of rows that follow each other
        with self._path.open("rb", buffering=0) as file:
            for start, some in zip(starts, np.split(images, starts[1:]), strict=False):
                file.seek(self._start + int(rows[start]) * images[0].nbytes)
                if file.readinto(some.data) != some.nbytes:
                    raise InputError(f"{self._path}: truncated while read; run preprocess again")
        return images


class Part:
    """Some of the rows of images, which are read when they are asked for; see `ImageRows`."""

    def __init__(self, images: ImageRows, rows: Rows) -> None:
        self._images, self._rows = images, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, places: slice | Rows) -> Images:
        return self._images[self._rows[places]]


def read_labels(path: Path) -> Labels:
    """Reads labels: (n,), each a place in `Task.classes`; a changed file is an InputError."""
    return np.asarray(open_array(path))


def read_split(folder: Path, count: int) -> list[Fold]:
    """Reads how `split` divided rows 0 to `count` - 1.

    Returns:
        A pair for each classifier to train. If there are several, each row is a validation row
        of one of them, and a training row of all others.

    Raises:
        InputError: see `open_array`; or a row is in both parts of a pair (the score would not
            be honest), twice in one part, in neither part, or outside the data.
    """
    if (path := folder / paths.FOLDS.name).exists():
        fold = open_array(path)
        folds = [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in np.unique(fold)]
    else:
        files = (folder / path.name for path in (paths.TRAIN_ROWS, paths.VALIDATION_ROWS))
        train, validation = (np.asarray(open_array(file)) for file in files)
        folds = [(train, validation)]
    for rows in map(np.concatenate, folds):
        if not np.array_equal(np.sort(rows), np.arange(count)):
            fault = f"expected each of {count} rows once, to train on or to validate on"
            raise InputError(f"{folder}: {fault}; run split again")
    return folds
