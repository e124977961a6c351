"""CSV files of images: reads the competition's form and others, as the first line shows; writes."""

import csv
import math
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.formats.task import Task
from stages.harness.errors import InputError

Chunk = npt.NDArray[np.unsignedinteger]
Note = Callable[[str], object]
CHUNK_PIXELS = 2048 * 784  # of so many pixels in a chunk, about; bounds the memory
LABELS = ("label", "class")  # the names of a column of labels
GROUP = "group"  # the name of a column: rows with the same text stay together in a split
INDEX = ["", "id", "imageid", "image_id", "index", "unnamed: 0"]  # of a column that is ignored


class Form(NamedTuple):
    names: list[str]  # of all columns
    order: list[int]  # the columns to read: that of the labels if there is one, then the pixels
    labelled: bool
    has_header: bool


def list_columns(pixel_count: int, *, labelled: bool) -> list[str]:
    """Returns the names of the columns of the competition's files."""
    return ["label"] * labelled + [f"pixel{i}" for i in range(pixel_count)]


def read_form(path: Path, line: str, pixel_count: int) -> Form:
    """Recognises the form of a file by its first line, or raises an InputError.

    A header has at most one column of labels and one of groups, and then `pixel_count` pixels whose
    numbers rise, such as pixel0,pixel1,... or 1x1,1x2,...
    """
    names = split_cells(line)
    # pandas writes 0,1,2,... as the header of columns that have no names.
    is_range = names == list(map(str, range(len(names))))
    has_header = is_range or not re.fullmatch(r"\s*\+?\d[\d.]*\s*", names[0])
    labels = [i for i, name in enumerate(names) if name in LABELS]
    first = names[0].strip().lower() in INDEX
    pixels = [i for i in range(first, len(names)) if names[i] not in (*LABELS, GROUP)]
    if not has_header and len(names) == pixel_count + 1:
        labels, pixels = [0], pixels[1:]
    expected = list_columns(pixel_count, labelled=True)
    if len(labels) > 1 or len(pixels) != pixel_count:
        hint = "; separate the cells by commas" if re.search("[;\t]", line) else ""
        hint = hint if line.strip() else "; the file is empty"
        raise InputError(
            f"{path} line 1: {len(names):,} columns {abbreviate(names)}; expected {len(expected)} "
            f"columns {abbreviate(expected)} in UTF-8, or another form of data/README.md, "
            f"which shows how a source's README.md names another `shape` and other `classes`{hint}"
        )
    if not has_header:
        names = list_columns(pixel_count, labelled=bool(labels))
    numbers = [tuple(map(int, re.findall(r"\d{1,9}", names[i]))) for i in pixels]
    for i, (left, right) in zip(pixels[1:], pairwise(numbers), strict=True):
        if left >= right:
            place = f"{path} line 1, column {i + 1}: {names[i]!r:.40}"
            raise InputError(f"{place}; expected numbers that rise, as in {abbreviate(expected)}")
    return Form(names, labels + pixels, bool(labels), has_header)


def read_chunks(path: Path, task: Task, note: Note | None = None) -> Iterator[tuple[Chunk, Chunk]]:
    """Reads a CSV file of images, some rows at a time, in the order of the file.

    Args:
        note: is called with a line that names the file's form, unless that is the competition's.

    Yields:
        Pixels, uint8 (rows, pixels of an image) in 0-255, row by row and channel by channel within
        a pixel; and labels (rows, 1), each a place in `task.classes`, or (rows, 0) if the file has
        none. With more than 256 classes, both are uint16.

    Raises:
        InputError: the form is not known, a cell is not a whole number in its range, or the
            whole file cannot be right. The text names the file, and the line and the column if
            there is one.
    """
    pixel_count, class_count = math.prod(task.shape), len(task.classes)
    brightest = last = 0  # the highest pixel and the highest label
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected a CSV file")
    # utf-8-sig drops a byte-order mark; universal newlines accept CRLF.
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        form = read_form(path, file.readline(), pixel_count)
        kind = np.min_scalar_type(max(class_count - 1, 255))
        limits = np.array([class_count - 1] * form.labelled + [255] * pixel_count, kind)
        usual = form.names == list_columns(pixel_count, labelled=form.labelled)
        if note and not (form.has_header and usual):
            ids = "" if 0 in form.order else "; column 1 is not read: images are counted from 1"
            names = abbreviate(form.names) if form.has_header else "no header, a label first if any"
            note(f"{path}: read as {names}{ids}")
        if not form.has_header:
            file.seek(0)
        line = 1 + form.has_header
        while lines := list(islice(file, max(1, CHUNK_PIXELS // pixel_count))):
            if (chunk := _read_plain(lines, form, limits)) is None:
                chunk = _read_cells(path, lines, line, form, limits)
            pixels, labels = chunk[:, form.labelled :], chunk[:, : form.labelled]
            yield pixels, labels
            line += len(lines)
            brightest = pixels.max(initial=brightest)
            last = labels.max(initial=last)
    if brightest <= 1:
        fix = "multiply pixels from 0 to 1 by 255"
        raise InputError(f"{path}: no rows, or no pixel above 1; expected 0 to 255: {fix}")
    if form.labelled and last == 0:
        fix = "if the last column has the labels, add a header, or move that column to the front"
        raise InputError(f"{path}: every label is 0; expected 0 to {class_count - 1}: {fix}")


def write_csv(path: Path, pixels: Chunk, labels: Chunk | None = None) -> None:
    """Writes pixels (n, ...) in 0-255, and labels (n,) if given, in the competition's form."""
    table = pixels.reshape(len(pixels), -1)
    header = ",".join(list_columns(table.shape[1], labelled=labels is not None))
    if labels is not None:
        table = np.column_stack([labels, table])
    with path.open("w", encoding="utf-8", newline="") as file:
        np.savetxt(file, table, fmt="%d", delimiter=",", header=header, comments="")


def _read_plain(lines: list[str], form: Form, limits: Chunk) -> Chunk | None:
    """Reads lines of plain whole numbers fast; returns None if there is anything else.

    `numpy.loadtxt` is strict: as uint8 it rejects a minus, a point, a gap, and 256.
    """
    rows = [line for line in lines if not line.isspace()]
    gaps = len(form.names) - 1  # NumPy 2.4 can crash on characters that are not ASCII
    if rows and all(row.isascii() and row.count(",") == gaps for row in rows):
        with suppress(ValueError):
            chunk: Chunk = np.loadtxt(
                rows, limits.dtype, delimiter=",", comments=None, usecols=form.order, ndmin=2
            )
            if (chunk <= limits).all():
                return chunk
    return None


def _read_cells(path: Path, lines: list[str], first: int, form: Form, limits: Chunk) -> Chunk:
    """Reads lines with quotes or numbers such as 5.0 too.

    Raises an InputError if a row has too few or too many cells, or a cell is no whole number in
    its range. `first` is the number of the first line.
    """
    rows: list[Chunk] = []
    for number, line in enumerate(lines, first):
        if line.isspace():
            continue
        place, cells = f"{path} line {number}", split_cells(line)
        if len(cells) != len(form.names):
            raise InputError(f"{place}: {len(cells)} cells; expected {len(form.names)}")
        row = [_to_number(cells[column]) for column in form.order]
        for value, limit, column in zip(row, limits.tolist(), form.order, strict=True):
            if not (0 <= value <= limit and value.is_integer()):
                fix = "; `classes` at the top of the source's README.md names the classes"
                fix = fix if column == form.order[0] and form.labelled else ""
                fix = "; multiply shares of 1 by 255" if 0 < value < 1 else fix
                place += f", column {form.names[column]}: {cells[column]!r:.40}"
                raise InputError(f"{place}; expected a whole number from 0 to {limit}{fix}")
        rows.append(np.array(row, limits.dtype))
    return np.array(rows, limits.dtype).reshape(-1, len(form.order))


def _to_number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def abbreviate(names: list[str]) -> str:
    """Joins the first and the last names."""
    return ",".join([*names[:2], "...", names[-1]] if len(names) > 3 else names)[:100]


def split_cells(line: str) -> list[str]:
    """Splits one line of CSV; a line that is not CSV, or empty, is one cell."""
    with suppress(csv.Error):
        return next(csv.reader([line]), []) or [line]
    return [line]
