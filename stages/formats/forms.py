"""The forms of CSV files of images: which columns there are, as the first line shows."""

import csv
import re
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import NamedTuple

from stages.formats.task import SHAPE
from stages.harness.errors import InputError

PIXEL_COUNT = prod(SHAPE)
LABELS = ("label", "class")  # the names of a column of labels
INDEX = ["", "id", "imageid", "image_id", "index", "unnamed: 0"]  # of a column that is ignored


class Form(NamedTuple):
    names: list[str]  # of all columns
    order: list[int]  # the columns to read: that of the labels if there is one, then the pixels
    has_header: bool

    def __str__(self) -> str:
        return abbreviate(self.names) if self.has_header else "no header, a label first if any"


def list_columns(*, labelled: bool) -> list[str]:
    """Returns the names of the columns of the competition's files."""
    return ["label"] * labelled + [f"pixel{i}" for i in range(PIXEL_COUNT)]


def read_form(path: Path, line: str, *, labelled: bool) -> Form:
    """Recognises the form of a file by its first line.

    A header has one column of labels if `labelled`, and then pixels whose numbers rise, such as
    pixel0,pixel1,... or 1x1,1x2,...

    Raises:
        InputError: the form is not known.
    """
    names, expected = split_cells(line), list_columns(labelled=labelled)
    # pandas writes 0,1,2,... as the header of columns that have no names.
    is_range = names == list(map(str, range(len(names))))
    has_header = is_range or not re.fullmatch(r"\s*\+?\d[\d.]*\s*", names[0])
    if not has_header:
        return Form(expected, list(range(len(expected))), has_header)
    labels = [i for i, name in enumerate(names) if name in LABELS]
    pixels = [i for i in range(names[0].strip().lower() in INDEX, len(names)) if i not in labels]
    if len(labels) != labelled or len(pixels) != PIXEL_COUNT:
        hint = "; are train.csv and test.csv swapped?" if len(pixels) == PIXEL_COUNT else ""
        hint = "; separate the cells by commas" if re.search("[;\t]", line) else hint
        hint = hint if line.strip() else "; the file is empty"
        raise InputError(
            f"{path} line 1: {len(names):,} columns {abbreviate(names)}; expected {len(expected)} "
            f"columns {abbreviate(expected)} in UTF-8, or another form of data/README.md{hint}"
        )
    numbers = [tuple(map(int, re.findall(r"\d{1,9}", names[i]))) for i in pixels]
    for i, (left, right) in zip(pixels[1:], pairwise(numbers), strict=True):
        if left >= right:
            raise InputError(
                f"{path} line 1, column {i + 1}: {names[i]!r:.40}; "
                f"expected numbers that rise, as in {abbreviate(expected)}"
            )
    return Form(names, labels + pixels, has_header)


def abbreviate(names: list[str]) -> str:
    """Joins the first and the last names."""
    return ",".join([*names[:2], "...", names[-1]] if len(names) > 3 else names)[:100]


def split_cells(line: str) -> list[str]:
    """Splits one line of CSV; a line that is not CSV, or empty, is one cell."""
    try:
        return next(csv.reader([line]), []) or [line]
    except csv.Error:
        return [line]
