"""Saved arrays: .npy files; and the SHA-256 of each file of a folder.

Reading them runs no code: `open_memmap` does not unpickle.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.format import dtype_to_descr, open_memmap, write_array_header_1_0

from stages.harness.errors import MAKE_AGAIN, InputError
from stages.harness.outputs import sha256
from stages.harness.paths import SUMS


def write_sums(folder: Path) -> None:
    """Writes the SHA-256 of each file of a folder, so that a reader notices a changed bit."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    lines = [f"{sha256(path)}  {path.name}\n" for path in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def read_sums(folder: Path) -> dict[str, str]:
    """Returns what `write_sums` wrote: the SHA-256 of each file, by its path."""
    text = (folder / SUMS).read_text(encoding="utf-8", errors="replace")
    lines = (line.partition("  ") for line in text.splitlines())
    return {(folder / name).as_posix(): digest for digest, _, name in lines}


def check_sum(path: Path) -> None:
    """Raises an InputError if a file has changed since it was written, an OSError if it is gone."""
    if sha256(path) != read_sums(path.parent).get(path.as_posix()):
        raise InputError(f"{path}: its SHA-256 is not that of {SUMS}; {MAKE_AGAIN}")


def open_array(path: Path) -> np.memmap[tuple[int, ...], np.dtype[Any]]:
    """Opens a .npy file through a memory map, after `check_sum`."""
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
