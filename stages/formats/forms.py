"""The forms of CSV files of images: which columns there are, as the first line shows."""

import csv
from itertools import product
from math import prod
from operator import eq
from pathlib import Path
from typing import NamedTuple, TextIO

from stages.formats.task import SHAPE
from stages.harness.errors import InputError

LABEL = "label"
PIXELS = tuple(f"pixel{i}" for i in range(prod(SHAPE)))
INDEX = ("id", "", "Unnamed: 0")  # the names of a first column that is ignored
MAX_LINE = 20 * (len(PIXELS) + 1)  # characters: room for cells such as "255.000000"

# Each way to name the pixels, alone or with a label before or after them, and the label's name.
FORMS: dict[tuple[str, ...], str | None] = {}
for _pixels in (
    PIXELS,  # the competition
    tuple(f"pixel{i}" for i in range(1, len(PIXELS) + 1)),  # Fashion-MNIST, OpenML
    tuple(f"{row + 1}x{column + 1}" for row, column in product(*map(range, SHAPE[:2]))),
):
    if len(_pixels) != len(PIXELS):
        continue  # the last form is of grey images
    FORMS[_pixels] = None
    for _label in (LABEL, "class"):
        FORMS |= {(_label, *_pixels): _label, (*_pixels, _label): _label}


class Form(NamedTuple):
    names: tuple[str, ...]  # of all columns
    label: str | None  # the name of the column of labels
    has_index: bool = False
    has_header: bool = True

    def __str__(self) -> str:
        if not self.has_header:
            return "no header, label first" if self.label else "no header"
        ignored = ", first column ignored" if self.has_index else ""
        return ",".join([*self.names[:3], "...", *self.names[-2:]]) + ignored


# The keys say whether there are labels.
COMPETITION = {True: Form((LABEL, *PIXELS), LABEL), False: Form(PIXELS, None)}
# The keys are numbers of columns. Without a header, nothing could tell that the label is last.
HEADERLESS = {len(form.names): form._replace(has_header=False) for form in COMPETITION.values()}

REMEDY = {  # by whether there should be labels, for a file where it is the other way round
    True: "expected a column of labels: are train.csv and test.csv swapped?",
    False: "expected no labels: remove that column, or is this another train.csv? "
    "Are train.csv and test.csv swapped?",
}


def read_form(path: Path, file: TextIO, *, labelled: bool) -> tuple[Form, list[str]]:
    """Recognises the form of a file by its first line.

    Returns:
        The form, and the first line in a list if it is a row of numbers; else an empty list.

    Raises:
        InputError: the form is not known, or has labels if not `labelled`, or has none if it is.
    """
    line = file.readline(MAX_LINE)
    names = tuple(split_cells(line))
    form = _match(names)
    if form is None:
        count = len(names) if len(line) < MAX_LINE else _count_columns(line, file)
        raise InputError(f"{path} line 1{_explain(names, count, COMPETITION[labelled].names)}")
    if labelled != (form.label is not None):
        raise InputError(f"{path} line 1: {len(names)} columns ({form}); {REMEDY[labelled]}")
    return form, [] if form.has_header else [line]


def split_cells(line: str) -> list[str]:
    """Splits one line of CSV; a line that is not CSV is one cell."""
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return [line]


def _match(names: tuple[str, ...]) -> Form | None:
    has_index = bool(names) and names[0] in INDEX
    is_number = not has_index and not "".join(names[:1]).strip(" +.0123456789")
    # pandas writes 0,1,2,... as the header of columns that have no names.
    if is_number and names != tuple(map(str, range(len(names)))):
        return HEADERLESS.get(len(names))
    columns = names[has_index:]
    return Form(names, FORMS[columns], has_index) if columns in FORMS else None


def _count_columns(line: str, file: TextIO) -> int:
    """Counts the columns of a line of any length that starts with `line`, and reads its rest."""
    commas, in_quotes = 0, 0
    while line:
        parts = line.split('"')
        commas += sum(part.count(",") for part in parts[in_quotes::2])
        in_quotes ^= (len(parts) - 1) % 2
        line = "" if line.endswith("\n") else file.readline(MAX_LINE)
    return commas + 1


def _explain(names: tuple[str, ...], count: int, expected: tuple[str, ...]) -> str:
    """Says what is wrong with a first line of `count` columns; `names` are the first of them."""
    has_index = bool(names) and names[0] in INDEX
    if count - has_index != len(expected):
        width = f"{count:,} columns" if names else "empty"
        return (
            f": {width}; expected {len(expected)} columns {','.join(expected[:2])},...,"
            f"{expected[-1]}, separated by commas, or another form of data/README.md"
        )
    # The form that shares the most names with the line is the one that was meant.
    columns = names[has_index:]
    forms = [form for form in FORMS if len(form) == len(expected)]
    meant = max(forms, key=lambda form: sum(map(eq, form, columns)))
    at = next(i for i, name in enumerate(columns) if name != meant[i])
    return f", column {has_index + at + 1}: {columns[at]!r:.40}; expected {meant[at]!r}"
