"""Saved arrays: .npy and .npz files, and the SHA-256 of each file of a folder.

Reading them runs no code: it uses those parts of `numpy.load` that cannot unpickle.
"""

import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.format import open_memmap, read_array_header_1_0, read_magic

from stages.harness.errors import InputError
from stages.harness.outputs import sha256

SUMS = "SHA256SUMS"  # beside the arrays of a stage, in the form of the command `sha256sum`
Shapes = dict[str, tuple[str, tuple[str | int, ...]]]  # see `read_arrays`


def write_sums(folder: Path) -> None:
    """Writes the SHA-256 of each .npy file of a folder, so that a reader notices a changed bit."""
    lines = [f"{sha256(path)}  {path.name}\n" for path in sorted(folder.glob("*.npy"))]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def read_sums(folder: Path, *, stage: str) -> dict[str, str]:
    """Gives what `write_sums` wrote: the SHA-256 of each file, by its path.

    Args:
        stage: the stage that writes the folder.

    Raises:
        InputError: the sums are missing, or not in the form of `sha256sum`.
    """
    path = folder / SUMS
    try:
        pairs = [line.split("  ") for line in path.read_text(encoding="utf-8").splitlines()]
        return {(folder / name).as_posix(): digest for digest, name in pairs}
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; run {stage}") from None
    except ValueError:
        raise InputError(f"{path}: not what sha256sum writes; run {stage} again") from None


def open_array(
    path: Path, dtype: str, row_shape: tuple[int, ...], *, stage: str
) -> np.memmap[tuple[int, ...], np.dtype[Any]]:
    """Opens a .npy file of rows through a memory map: only the rows that are used are read.

    Args:
        dtype: the expected type, in this machine's byte order.
        row_shape: the expected shape of a row.
        stage: the stage that writes the file.

    Raises:
        InputError: the file or its digest is missing, the file has changed since it was
            written, or it is not such an array.
    """
    try:
        digest, size = sha256(path), path.stat().st_size
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; run {stage}") from None
    # DVC does not check what it takes from its cache.
    if digest != read_sums(path.parent, stage=stage).get(path.as_posix()):
        remedy = "run python -m tools.repair --cache, then dvc repro"
        raise InputError(f"{path}: damaged: not the file of {SUMS}; {remedy}")
    try:
        with _convert_errors("not a .npy array"):
            array = open_memmap(path, mode="r")
        rows = array.shape[:1]
        if array.dtype != dtype or array.shape != (*rows, *row_shape) or rows in ((), (0,)):
            form = f"{dtype} {('rows', *row_shape)}"
            raise ValueError(f"{array.dtype} {array.shape}; expected {form}, with at least one row")
        if not array.flags.c_contiguous or size != array.offset + array.nbytes:
            raise ValueError(f"{size:,} bytes; expected row after row (C order) and no byte more")
    except ValueError as error:
        raise InputError(f"{path}: {error}; run {stage} again") from None
    return array


def read_arrays(path: Path, shapes: Shapes) -> dict[str, Any]:
    """Reads the arrays of an .npz file; those without a shape become Python numbers.

    Args:
        shapes: the expected type and shape of each array. A word is a length of 1 or more; the
            same word is the same length everywhere.

    Raises:
        ValueError: not exactly the arrays of `shapes`, or not all values are finite.
    """
    try:
        contents = _unzip(path, shapes)
    except Exception as error:  # a broken zip file raises errors of almost any type
        raise ValueError(str(error) or "cut short") from None
    arrays = {name: _parse(name, content) for name, content in contents.items()}
    lengths: dict[str | int, int] = {}
    for name, (dtype, shape) in shapes.items():
        array = arrays[name]
        fits = array.dtype == dtype and array.ndim == len(shape)
        for length, word in zip(array.shape, shape, strict=False):
            known = word if isinstance(word, int) else lengths.setdefault(word, length)
            fits &= length == known != 0
        if not fits:
            raise ValueError(f"{name}: {array.dtype} {array.shape}; expected {dtype} {shape}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name}: not finite")
    return {name: array if array.ndim else array.item() for name, array in arrays.items()}


def _unzip(path: Path, names: Iterable[str]) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        entries = {entry.filename.removesuffix(".npy"): entry for entry in file.infolist()}
        if set(entries) != set(names) or len(file.infolist()) != len(entries):
            held = ", ".join(entry.filename for entry in file.infolist())
            raise ValueError(f"holds {held:.200}; expected {', '.join(names)}")
        stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries.values())
        total = sum(entry.file_size for entry in entries.values())
        # Checked before anything of that size is read.
        if not stored or total > path.stat().st_size:
            raise ValueError(f"unpacks to {total:,} bytes; expected arrays that are not packed")
        return {name: file.read(entry) for name, entry in entries.items()}


def _parse(name: str, content: bytes) -> npt.NDArray[Any]:
    """Makes an array of the bytes of a .npy file, whatever size its header claims."""
    file = io.BytesIO(content)
    with _convert_errors(f"{name}: not a .npy array"):
        read_magic(file)
        shape, columns_first, dtype = read_array_header_1_0(file)
        flat = np.frombuffer(content, dtype, offset=file.tell())
        return flat.reshape(shape, order="F" if columns_first else "C")


@contextmanager
def _convert_errors(complaint: str) -> Iterator[None]:
    """Turns each warning and error of NumPy into a ValueError.

    NumPy parses the header as a Python literal: hostile ones raise almost any type of error.
    """
    try:
        with warnings.catch_warnings(action="error"):
            yield
    except Exception as error:
        raise ValueError(f"{complaint}: {error!s:.160}") from None
