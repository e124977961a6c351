"""The forms of CSV files of images: which columns there are, as the first line shows."""

import csv
import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from stages.harness.errors import InputError

LABELS = ("label", "class")  # the names of a column of labels
GROUP = "group"  # the name of a column: rows with the same text stay together in a split
INDEX = ["", "id", "imageid", "image_id", "index", "unnamed: 0"]  # of a column that is ignored


class Form(NamedTuple):
    names: list[str]  # of all columns
    order: list[int]  # the columns to read: that of the labels if there is one, then the pixels
    labelled: bool
    has_header: bool

    def __str__(self) -> str:
        return abbreviate(self.names) if self.has_header else "no header, a label first if any"


def list_columns(pixel_count: int, *, labelled: bool) -> list[str]:
    """Returns the names of the columns of the competition's files."""
    return ["label"] * labelled + [f"pixel{i}" for i in range(pixel_count)]


def read_form(path: Path, line: str, pixel_count: int) -> Form:
    """Recognises the form of a file by its first line.

    A header has at most one column of labels and one of groups, and then `pixel_count` pixels whose
    numbers rise, such as pixel0,pixel1,... or 1x1,1x2,...

    Raises:
        InputError: the form is not known.
    """
    names = split_cells(line)
    # pandas writes 0,1,2,... as the header of columns that have no names.
    is_range = names == list(map(str, range(len(names))))
    has_header = is_range or not re.fullmatch(r"\s*\+?\d[\d.]*\s*", names[0])
    labels = [i for i, name in enumerate(names) if has_header and name in LABELS]
    others = {*labels, *(i for i, name in enumerate(names) if name == GROUP)}
    pixels = [i for i in range(names[0].strip().lower() in INDEX, len(names)) if i not in others]
    if not has_header and len(names) == pixel_count + 1:
        labels, pixels = [0], pixels[1:]
    expected = list_columns(pixel_count, labelled=True)
    if len(labels) > 1 or len(pixels) != pixel_count:
        hint = "; separate the cells by commas" if re.search("[;\t]", line) else ""
        hint = hint if line.strip() else "; the file is empty"
        raise InputError(
            f"{path} line 1: {len(names):,} columns {abbreviate(names)}; expected {len(expected)} "
            f"columns {abbreviate(expected)} in UTF-8, for images of another size a `shape` at the "
            f"top of the source's README.md, or another form of data/README.md{hint}"
        )
    if not has_header:
        columns = list_columns(pixel_count, labelled=bool(labels))
        return Form(columns, labels + pixels, bool(labels), has_header)
    numbers = [tuple(map(int, re.findall(r"\d{1,9}", names[i]))) for i in pixels]
    for i, (left, right) in zip(pixels[1:], pairwise(numbers), strict=True):
        if left >= right:
            raise InputError(
                f"{path} line 1, column {i + 1}: {names[i]!r:.40}; "
                f"expected numbers that rise, as in {abbreviate(expected)}"
            )
    return Form(names, labels + pixels, bool(labels), has_header)


def abbreviate(names: list[str]) -> str:
    """Joins the first and the last names."""
    return ",".join([*names[:2], "...", names[-1]] if len(names) > 3 else names)[:100]


def split_cells(line: str) -> list[str]:
    """Splits one line of CSV; a line that is not CSV, or empty, is one cell."""
    try:
        return next(csv.reader([line]), []) or [line]
    except csv.Error:
        return [line]
