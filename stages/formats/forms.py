"""The forms of CSV files of images: which columns there are, as the first line shows."""

import csv
from math import prod
from operator import eq
from pathlib import Path
from typing import NamedTuple

from stages.formats.task import SHAPE
from stages.harness.errors import InputError

PIXEL_COUNT = prod(SHAPE)
_KNOWN = (
    [f"pixel{i}" for i in range(PIXEL_COUNT)],  # the competition
    [f"pixel{i}" for i in range(1, PIXEL_COUNT + 1)],  # Fashion-MNIST, OpenML
    [f"{row + 1}x{column + 1}" for row in range(SHAPE[0]) for column in range(SHAPE[1])],
)
PIXEL_NAMES = [names for names in _KNOWN if len(names) == PIXEL_COUNT]  # the last: of grey images
LABELS = ("label", "class")  # the names of a first or last column of labels
INDEX = ("id", "", "Unnamed: 0")  # the names of a first column that is ignored


class Form(NamedTuple):
    names: list[str]  # of all columns
    label: str | None  # the name of the column of labels
    has_index: bool = False
    has_header: bool = True

    def __str__(self) -> str:
        if not self.has_header:
            return "no header, label first" if self.label else "no header"
        ignored = ", first column ignored" if self.has_index else ""
        return ",".join([*self.names[:3], "...", *self.names[-2:]]) + ignored


# By whether there are labels.
COMPETITION = {
    True: Form(["label", *PIXEL_NAMES[0]], "label"),
    False: Form(PIXEL_NAMES[0], None),
}
FIXES = {
    True: "expected a column of labels: are train.csv and test.csv swapped?",
    False: "expected no labels: remove that column, or is this another train.csv? "
    "Are train.csv and test.csv swapped?",
}


def read_form(path: Path, line: str, *, labelled: bool) -> Form:
    """Recognises the form of a file by its first line.

    Raises:
        InputError: the form is not known, or has labels if not `labelled`, or has none if it is.
    """
    names = split_cells(line)
    form = _match(names)
    if form is None:
        raise InputError(f"{path} line 1{_describe_fault(names, labelled)}")
    if labelled != (form.label is not None):
        raise InputError(f"{path} line 1: {len(names)} columns ({form}); {FIXES[labelled]}")
    return form


def split_cells(line: str) -> list[str]:
    """Splits one line of CSV; a line that is not CSV is one cell."""
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return [line]


def _match(names: list[str]) -> Form | None:
    has_index = bool(names) and names[0] in INDEX
    is_number = bool(names) and not has_index and not names[0].strip(" +.0123456789")
    # pandas writes 0,1,2,... as the header of columns that have no names.
    if is_number and names != list(map(str, range(len(names)))):
        # Nothing could tell that the label is last.
        forms = [form for form in COMPETITION.values() if len(form.names) == len(names)]
        return forms[0]._replace(has_header=False) if forms else None
    columns = names[has_index:]
    label = next((name for name in (*columns[:1], *columns[-1:]) if name in LABELS), None)
    pixels = [name for name in columns if name != label]
    if pixels not in PIXEL_NAMES or len(columns) - len(pixels) != (label is not None):
        return None
    return Form(names, label, has_index)


def _describe_fault(names: list[str], labelled: bool) -> str:
    """Describes what is wrong with a first line of no known form."""
    has_index = bool(names) and names[0] in INDEX
    columns, expected = names[has_index:], COMPETITION[labelled].names
    if len(columns) != len(expected):
        width = f"{len(names):,} columns" if names else "empty"
        return (
            f": {width}; expected {len(expected)} columns {','.join(expected[:2])},...,"
            f"{expected[-1]}, separated by commas, or another form of data/README.md"
        )
    # The names that agree in most columns are the ones that were meant.
    forms = [expected[:labelled] + pixels for pixels in PIXEL_NAMES]
    meant = max(forms, key=lambda form: sum(map(eq, form, columns)))
    at = next(
        i for i, (name, right) in enumerate(zip(columns, meant, strict=False)) if name != right
    )
    return f", column {has_index + at + 1}: {columns[at]!r:.40}; expected {meant[at]!r}"
