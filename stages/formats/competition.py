"""Reads CSV files of images, in the competition's form or another of `forms`; writes them."""

import csv
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from stages.formats.forms import COMPETITION, MAX_LINE, PIXELS, Form, read_form, split_cells
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.errors import InputError

Block = npt.NDArray[np.uint8]

BLOCK_ROWS = max(1, 2048 * 784 // len(PIXELS))  # bounds the memory
INDEX_CELL = re.compile(r'(?:"[^"\n]*"|[^",\n]*),')
TIMES_255 = "multiply pixels from 0 to 1 by 255"


def read_blocks(
    path: Path, *, labelled: bool, note: Callable[[str], object] | None = None
) -> Iterator[Block]:
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
    rows, has_decimals, highest = 0, False, np.zeros(len(PIXELS) + labelled, np.uint8)
    with _open(path) as file:
        form, first_rows = read_form(path, file, labelled=labelled)
        line = 1 + form.has_header
        source = chain(first_rows, iter(lambda: file.readline(MAX_LINE), ""))
        while lines := list(islice(source, BLOCK_ROWS)):
            block = _parse(lines, form, np.uint8)
            if block is None:
                block = _parse(lines, form, np.float64)
                has_decimals = True
            if block is None:
                raise _find_fault(path, lines, line, form)
            yield block
            line, rows = line + len(lines), rows + len(block)
            highest = np.maximum(highest, block.max(axis=0, initial=0))
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
    pixels = pixels.reshape(len(pixels), -1)
    if pixels.shape[1] != len(PIXELS):
        raise InputError(
            f"data.source has images of {pixels.shape[1]} numbers; expected {len(PIXELS)}: "
            f"SHAPE in stages/formats/task.py is {SHAPE}; change one of the two"
        )
    table = pixels if labels is None else np.column_stack([labels, pixels])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COMPETITION[labels is not None].names)
        for start in range(0, len(table), BLOCK_ROWS):
            writer.writerows(table[start : start + BLOCK_ROWS].tolist())


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


def _parse(lines: list[str], form: Form, dtype: type[np.number]) -> Block | None:
    """Reads lines as `dtype`, label first; returns None unless all is whole and in range.

    `numpy.loadtxt` is strict: as uint8 it refuses a minus, a point, a gap, and 256.
    """
    columns = len(form.names) - form.has_index
    if not any(line.strip() for line in lines):
        return np.empty((0, columns), np.uint8)
    try:
        rows = list(map(_drop_index, lines)) if form.has_index else lines
        # NumPy 2.4 can crash on characters beyond ASCII. A spreadsheet may round 104 to 1e2.
        if any(not row.isascii() or "e" in row or "E" in row for row in rows):
            return None
        numbers = np.loadtxt(
            rows, dtype=dtype, delimiter=",", quotechar='"', comments=None, ndmin=2
        )
    except ValueError:
        return None
    with np.errstate(invalid="ignore"):
        block = numbers.astype(np.uint8)
    if block.shape[1] != columns or not np.array_equal(block, numbers):
        return None
    if form.label is None:
        return block
    block = np.roll(block, 1, axis=1) if form.names[-1] == form.label else block
    return block if block[:, 0].max(initial=0) < CLASS_COUNT else None


def _drop_index(line: str) -> str:
    """Removes the first cell of a line that is not blank.

    Raises:
        ValueError: there is no other cell, or a quote may belong to a cell of several lines.
    """
    if not line.strip():
        return line
    index = INDEX_CELL.match(line)
    rest = line[index.end() :] if index else ""
    if not rest.strip() or line.count('"') % 2:
        raise ValueError(line)
    return rest


def _find_fault(path: Path, lines: list[str], first_line: int, form: Form) -> InputError:
    """Says which cell of `lines` is at fault; only called when one is."""
    columns = len(form.names)
    for number, line in enumerate(lines, first_line):
        cells = split_cells(line)
        if len(line) == MAX_LINE:
            text = f"longer than {MAX_LINE:,} characters; expected {columns} numbers"
            return InputError(f"{path} line {number}: {text}")
        if cells and len(cells) != columns:
            return InputError(f"{path} line {number}: {len(cells)} cells; expected {columns}")
        for name, cell in list(zip(form.names, cells, strict=False))[form.has_index :]:
            allowed = CLASS_COUNT - 1 if name == form.label else 255
            value = _to_number(cell)
            if value in range(allowed + 1):
                continue
            hint = f": {TIMES_255}" if 0 < value < 1 else ""
            if name == form.label and value > allowed:
                hint = (
                    f": if labels start above 0, subtract that; if {CLASS_COUNT} means 0, write 0"
                )
            return InputError(
                f"{path} line {number}, column {name}: {cell!r:.40}; "
                f"expected a whole number from 0 to {allowed}{hint}"
            )
    return InputError(f"{path} from line {first_line}: not a table; expected whole numbers")


def _to_number(cell: str) -> float:
    """Returns the number in a cell; NaN if there is none, or one that `_parse` refuses."""
    try:
        return float(cell) if cell.isascii() and not set(cell) & set("_eE") else math.nan
    except ValueError:
        return math.nan


def _check_highest(path: Path, highest: npt.NDArray[np.uint8], *, labelled: bool) -> None:
    """Refuses what no such file has, by the highest number of each column."""
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
