"""Reads CSV files of images, in the competition's form or another of `forms`; writes them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from stages.formats.forms import COMPETITION, PIXEL_COUNT, Form, read_form, split_cells
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.errors import InputError

Chunk = npt.NDArray[np.uint8]

CHUNK_ROWS = max(1, 2048 * 784 // PIXEL_COUNT)  # bounds the memory
ZERO_DECIMALS = re.compile(r"(?<=\d)\.0*(?![\d.])")  # of 5.0, not of 5.01
WHOLE = re.compile(r"\s*\+?0*(\d{1,3})\s*")
TIMES_255 = "multiply pixels from 0 to 1 by 255"


def read_chunks(
    path: Path, *, labelled: bool, note: Callable[[str], object] | None = None
) -> Iterator[Chunk]:
    """Reads a CSV file of images, some rows at a time, in the order of the file.

    Args:
        labelled: whether the file must have labels, or must have none.
        note: is called at the end with a line that names the file's form, unless that is the
            competition's own.

    Yields:
        uint8 arrays, of digits (rows, 785), with the label (0-9) first and then the pixels
        (0-255), row by row and channel by channel within a pixel; no label if not `labelled`.

    Raises:
        InputError: the form is not known, a cell is not a whole number in its range, or the
            whole file cannot be right. The text names the file, and the line and the column if
            there is one.
    """
    rows, has_decimals, highest = 0, False, np.zeros(PIXEL_COUNT + labelled, np.uint8)
    with _open(path) as file:
        form = read_form(path, file.readline(), labelled=labelled)
        if not form.has_header:
            file.seek(0)
        line = 1 + form.has_header
        while lines := list(islice(file, CHUNK_ROWS)):
            chunk = _parse(lines, form)
            if chunk is None:
                chunk = _parse([ZERO_DECIMALS.sub("", text) for text in lines], form)
                has_decimals = True
            if chunk is None:
                raise _find_fault(path, lines, line, form)
            yield chunk
            line, rows = line + len(lines), rows + len(chunk)
            highest = np.maximum(highest, chunk.max(axis=0, initial=0))
    if rows == 0:
        raise InputError(f"{path}: a header but no rows; expected at least one")
    _check_highest(path, highest, labelled=labelled)
    if note and (has_decimals or form != COMPETITION[labelled]):
        note(f"{path}: read as {form}" + (", numbers such as 5.0" if has_decimals else ""))


def write_csv(
    path: Path, pixels: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8] | None = None
) -> None:
    """Writes pixels (n, 784) or (n, *SHAPE), and labels (n,) if given, in the competition's form.

    Raises:
        InputError: an image has not as many numbers as SHAPE.
    """
    table = pixels.reshape(len(pixels), -1)
    if table.shape[1] != PIXEL_COUNT:
        raise InputError(
            f"data.source has images of {table.shape[1]} numbers; expected {PIXEL_COUNT}: "
            f"SHAPE in stages/formats/task.py is {SHAPE}; change one of the two"
        )
    if labels is not None:
        table = np.column_stack([labels, table])
    header = ",".join(COMPETITION[labels is not None].names)
    with path.open("w", encoding="utf-8", newline="") as file:
        np.savetxt(file, table, fmt="%d", delimiter=",", header=header, comments="")


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    try:
        # utf-8-sig drops a byte-order mark; universal newlines accept CRLF.
        with path.open(encoding="utf-8-sig") as file:
            yield file
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 text (byte 0x{error.object[error.start]:02x}); "
            "expected a CSV file, not compressed; save it as UTF-8"
        ) from None
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}; expected a CSV file: see data/README.md"
        ) from None


def _parse(lines: list[str], form: Form) -> Chunk | None:
    """Reads lines, label first; returns None unless all cells are whole numbers in their range.

    `numpy.loadtxt` is strict: as uint8 it rejects a minus, a point, a gap, and 256.
    """
    rows = [line for line in lines if not line.isspace()]
    if not rows:
        return np.empty((0, len(form.names) - form.has_index), np.uint8)
    if not all(map(str.isascii, rows)):  # NumPy 2.4 can crash on other characters
        return None
    # The index may be any text.
    index: dict[int | str, Callable[[str], int]] = {0: lambda _: 0} if form.has_index else {}
    try:
        chunk: Chunk = np.loadtxt(
            rows, np.uint8, delimiter=",", quotechar='"', comments=None, converters=index, ndmin=2
        )
    except ValueError:
        return None
    if chunk.shape != (len(rows), len(form.names)):  # rows: a quote may join lines
        return None
    chunk = chunk[:, form.has_index :]
    if form.label is None:
        return chunk
    chunk = np.roll(chunk, 1, axis=1) if form.names[-1] == form.label else chunk
    return chunk if chunk[:, 0].max() < CLASS_COUNT else None


def _find_fault(path: Path, lines: list[str], first_line: int, form: Form) -> InputError:
    """Finds the first wrong cell of `lines`; only called when there is one."""
    columns = len(form.names)
    for number, line in enumerate(lines, first_line):
        cells = split_cells(line)
        if cells and len(cells) != columns:
            return InputError(f"{path} line {number}: {len(cells)} cells; expected {columns}")
        for name, cell in list(zip(form.names, cells, strict=False))[form.has_index :]:
            largest = CLASS_COUNT - 1 if name == form.label else 255
            whole = WHOLE.fullmatch(ZERO_DECIMALS.sub("", cell)) if cell.isascii() else None
            if whole and int(whole[1]) <= largest:
                continue
            hint = f": {TIMES_255}" if cell.strip().startswith("0.") else ""
            if name == form.label and whole:
                hint = (
                    f": if labels start above 0, subtract that; if {CLASS_COUNT} means 0, write 0"
                )
            return InputError(
                f"{path} line {number}, column {name}: {cell!r:.40}; "
                f"expected a whole number from 0 to {largest}{hint}"
            )
    return InputError(f"{path} from line {first_line}: not a table; expected whole numbers")


def _check_highest(path: Path, highest: npt.NDArray[np.uint8], *, labelled: bool) -> None:
    """Rejects what no such file has, by the highest number of each column."""
    brightest = highest[labelled:].max()
    if labelled and highest[0] == 0:
        raise InputError(
            f"{path}: every label is 0; expected 0 to {CLASS_COUNT - 1}: if the last column has "
            "the labels, add a header, or move that column to the front"
        )
    if brightest == 0:
        raise InputError(f"{path}: all images are blank; expected pixels from 0 to 255")
    if brightest == 1:
        raise InputError(f"{path}: no pixel is above 1; expected 0 to 255: {TIMES_255}")
