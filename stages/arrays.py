"""Reading saved arrays: nothing in them is run, and no more is read than the file holds.

Not by `numpy.load`: it evaluates the header and believes the size that stands there.
"""

import hashlib
import math
import re
import struct
import zipfile
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from stages.errors import InputError

SUMS = "SHA256SUMS"  # beside the arrays of a stage, as `sha256sum` writes and checks it
Shapes = dict[str, tuple[str, tuple[str | int, ...]]]

# Version 1.0 of the form, as `numpy.save` writes it.
HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<>|=][a-zA-Z][0-9]*)', 'fortran_order': (True|False), "
    rb"'shape': \(((?:[0-9]{1,12},? ?){0,8})\), \} *\n",
    re.DOTALL,
)
LONGEST_HEADER = 256
BROKEN_ZIP = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, OverflowError,
    struct.error,
)  # fmt: skip


class Header(NamedTuple):
    dtype: str
    shape: tuple[int, ...]
    order: Literal["C", "F"]  # F: the first axis changes fastest
    length: int  # of the header, in bytes


def parse_header(content: bytes, size: int) -> Header:
    """Reads the start of a .npy file that is `size` bytes long.

    Raises:
        ValueError: not an array of numbers in this machine's byte order, or not
            of that size.
    """
    found = HEADER.match(content)
    if not found:
        raise ValueError("not a .npy array")
    try:
        dtype = np.dtype(found[1].decode())
    except TypeError:
        raise ValueError(f"type {found[1].decode()}") from None
    if dtype.kind not in "biuf" or not dtype.isnative:
        raise ValueError(f"type {dtype.str}; expected numbers, in this machine's byte order")
    shape = tuple(int(length) for length in re.findall(rb"[0-9]+", found[3]))
    expected = found.end() + math.prod(shape) * dtype.itemsize
    if size != expected:
        raise ValueError(f"{size:,} bytes; expected {expected:,} for {dtype} {shape}")
    return Header(dtype.name, shape, "F" if found[2] == b"True" else "C", found.end())


def write_sums(folder: Path) -> None:
    """Completes a folder of arrays: a changed bit is found when they are opened."""
    lines = [f"{_digest(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_array(
    path: Path, dtype: str, row_shape: tuple[int, ...], *, stage: str
) -> npt.NDArray[Any]:
    """Opens a .npy file of rows through a memory map: only what is asked for is read.

    Args:
        stage: which stage writes the file.

    Raises:
        InputError: the file is not such an array, has no row, or is not the one that was written.
    """
    try:
        with path.open("rb") as file:
            start = file.read(LONGEST_HEADER)
        header = parse_header(start, path.stat().st_size)
        if header.order != "C":
            raise ValueError("columns first (Fortran order); expected rows first")
        if (header.dtype, header.shape[1:]) != (dtype, row_shape) or 0 in (header.shape or (0,)):
            raise ValueError(
                f"{header.dtype} {header.shape}; "
                f"expected {dtype} {('rows', *row_shape)}, with at least one row"
            )
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; run {stage}") from None
    except ValueError as error:
        raise InputError(f"{path}: {error}; run {stage} again") from None
    # DVC does not look again at what its cache has handed out.
    sums = path.with_name(SUMS)
    if sums.exists() and f"{_digest(path)}  {path.name}\n" not in sums.read_text(encoding="utf-8"):
        raise InputError(
            f"{path}: damaged: not the file of {SUMS}; run python -m mend --cache, then dvc repro"
        )
    return np.memmap(path, header.dtype, "r", header.length, header.shape)


def read_arrays(path: Path, shapes: Shapes) -> dict[str, Any]:
    """Reads the arrays of an .npz file; those without a shape are numbers.

    Args:
        shapes: each array's type and shape; a word is a length that is the same wherever it
            stands.

    Raises:
        ValueError: not exactly the arrays of `shapes`, or not all values are finite.
    """
    try:
        arrays = _members(path, shapes)
    except BROKEN_ZIP as error:
        raise ValueError(f"{error}") from None
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


def _members(path: Path, shapes: Shapes) -> dict[str, npt.NDArray[Any]]:
    with zipfile.ZipFile(path) as file:
        entries = {entry.filename.removesuffix(".npy"): entry for entry in file.infolist()}
        if set(entries) != set(shapes) or len(file.infolist()) != len(shapes):
            names = ", ".join(entry.filename for entry in file.infolist())
            raise ValueError(f"holds {names:.200}; expected {', '.join(shapes)}")
        stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries.values())
        total = sum(entry.file_size for entry in entries.values())
        # Before anything of that size is read.
        if not stored or total > path.stat().st_size:
            raise ValueError(f"unpacks to {total:,} bytes; expected arrays that are not packed")
        return {name: _array(name, file.read(entry)) for name, entry in entries.items()}


def _array(name: str, content: bytes) -> npt.NDArray[Any]:
    try:
        header = parse_header(content, len(content))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    flat = np.frombuffer(content, header.dtype, offset=header.length)
    return flat.reshape(header.shape, order=header.order)
