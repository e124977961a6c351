"""Reads CSV files of images, in the competition's form or another of `forms`; writes them."""

import math
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stages.formats.forms import PIXEL_COUNT, Form, list_columns, read_form, split_cells
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.errors import InputError

Chunk = npt.NDArray[np.uint8]

CHUNK_ROWS = max(1, 2048 * 784 // PIXEL_COUNT)  # bounds the memory


def read_chunks(
    path: Path, *, labelled: bool, note: Callable[[str], object] | None = None
) -> Iterator[Chunk]:
    """Reads a CSV file of images, some rows at a time, in the order of the file.

    Args:
        labelled: whether the file must have labels, or must have none.
        note: is called with a line that names the file's form, unless that is the competition's.

    Yields:
        uint8 arrays, of digits (rows, 785), with the label (0-9) first and then the pixels
        (0-255), row by row and channel by channel within a pixel; no label if not `labelled`.

    Raises:
        InputError: the form is not known, a cell is not a whole number in its range, or the
            whole file cannot be right. The text names the file, and the line and the column if
            there is one.
    """
    highest = np.zeros(PIXEL_COUNT + labelled, np.uint8)
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected a CSV file")
    # utf-8-sig drops a byte-order mark; universal newlines accept CRLF.
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        form = read_form(path, file.readline(), labelled=labelled)
        if note and (not form.has_header or form.names != list_columns(labelled=labelled)):
            ids = "" if 0 in form.order else "; column 1 is not read: images are counted from 1"
            note(f"{path}: read as {form}{ids}")
        if not form.has_header:
            file.seek(0)
        line = 1 + form.has_header
        while lines := list(islice(file, CHUNK_ROWS)):
            chunk = _read_plain(lines, form, labelled=labelled)
            if chunk is None:
                chunk = _read_cells(path, lines, line, form, labelled=labelled)
            yield chunk
            line += len(lines)
            highest = np.maximum(highest, chunk.max(axis=0, initial=0))
    if highest[labelled:].max() <= 1:
        raise InputError(
            f"{path}: no rows, or no pixel above 1; expected 0 to 255: "
            "multiply pixels from 0 to 1 by 255"
        )
    if labelled and highest[0] == 0:
        raise InputError(
            f"{path}: every label is 0; expected 0 to {CLASS_COUNT - 1}: if the last column has "
            "the labels, add a header, or move that column to the front"
        )


def write_csv(
    path: Path, pixels: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8] | None = None
) -> None:
    """Writes pixels (n, 784) or (n, *SHAPE), and labels (n,) if given, in the competition's form.

    Raises:
        InputError: an image is not of SHAPE.
    """
    table = pixels.reshape(len(pixels), -1)
    if table.shape[1] != PIXEL_COUNT:
        raise InputError(
            f"data.source has images of {table.shape[1]} numbers; expected {PIXEL_COUNT}: "
            f"SHAPE in stages/formats/task.py is {SHAPE}; change one of the two"
        )
    if labels is not None:
        table = np.column_stack([labels, table])
    header = ",".join(list_columns(labelled=labels is not None))
    with path.open("w", encoding="utf-8", newline="") as file:
        np.savetxt(file, table, fmt="%d", delimiter=",", header=header, comments="")


def _read_plain(lines: list[str], form: Form, *, labelled: bool) -> Chunk | None:
    """Reads lines of plain whole numbers fast; returns None if there is anything else.

    `numpy.loadtxt` is strict: as uint8 it rejects a minus, a point, a gap, and 256.
    """
    rows = [line for line in lines if not line.isspace()]
    gaps = len(form.names) - 1  # NumPy 2.4 can crash on characters that are not ASCII
    if not rows or not all(row.isascii() and row.count(",") == gaps for row in rows):
        return None
    try:
        chunk: Chunk = np.loadtxt(
            rows, np.uint8, delimiter=",", comments=None, usecols=form.order, ndmin=2
        )
    except ValueError:
        return None
    return None if labelled and chunk[:, 0].max() >= CLASS_COUNT else chunk


def _read_cells(path: Path, lines: list[str], first: int, form: Form, *, labelled: bool) -> Chunk:
    """Reads lines with quotes or numbers such as 5.0 too.

    Args:
        first: the number of the first line.

    Raises:
        InputError: a row has too few or too many cells, or a cell is no whole number in its range.
    """
    limits = [CLASS_COUNT - 1] * labelled + [255] * PIXEL_COUNT
    rows: list[Chunk] = []
    for number, line in enumerate(lines, first):
        if line.isspace():
            continue
        cells = split_cells(line)
        if len(cells) != len(form.names):
            raise InputError(
                f"{path} line {number}: {len(cells)} cells; expected {len(form.names)}"
            )
        row = [_to_number(cells[column]) for column in form.order]
        for value, limit, column in zip(row, limits, form.order, strict=True):
            if not (0 <= value <= limit and value.is_integer()):
                fix = "; CLASSES in stages/formats/task.py are the classes" * (limit < 255)
                fix = "; multiply shares of 1 by 255" if 0 < value < 1 else fix
                raise InputError(
                    f"{path} line {number}, column {form.names[column]}: {cells[column]!r:.40}; "
                    f"expected a whole number from 0 to {limit}{fix}"
                )
        rows.append(np.array(row, np.uint8))
    return np.array(rows, np.uint8).reshape(-1, len(form.order))


def _to_number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
