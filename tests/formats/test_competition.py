"""CSV files in each known form: read exactly, or refused; `test_refuse_csv` has the bad cases."""

import csv
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.formats.competition import read_blocks, write_csv
from stages.formats.forms import PIXELS
from stages.harness.errors import InputError

Rows = list[list[str]]
Change = Callable[[Rows], Rows]

FROM_1 = [f"pixel{i}" for i in range(1, 785)]
BY_PLACE = [f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)]


def table(rows: int = 3) -> Rows:
    """A header and some rows as cells: labels 0, 1, ... and random pixels."""
    cells = np.random.default_rng(0).integers(0, 256, (rows, 784)).astype(str).tolist()
    return [["label", *PIXELS], *([str(i % 10), *row] for i, row in enumerate(cells))]


def named(label: str, pixels: list[str]) -> Change:
    return lambda rows: [[label, *pixels], *rows[1:]]


def indexed(name: str) -> Change:
    return lambda rows: [[str(i - 1) if i else name, *row] for i, row in enumerate(rows)]


def without_header(rows: Rows) -> Rows:
    return rows[1:]


def label_last(rows: Rows) -> Rows:
    return [[*row[1:], row[0]] for row in rows]


def decimal(rows: Rows) -> Rows:
    return [rows[0], *([f"{cell}.0" for cell in row] for row in rows[1:])]


# What turns the competition's table into the form, where the label is, and what is said.
FORMS: dict[str, tuple[list[Change], int, str]] = {
    "competition": ([], 0, ""),
    "no header": ([without_header], 0, "no header, label first"),
    "1x1": ([named("label", BY_PLACE)], 0, "label,1x1,1x2,...,28x27,28x28"),
    "Fashion-MNIST": ([named("label", FROM_1)], 0, "label,pixel1,pixel2,...,pixel783,pixel784"),
    "OpenML": ([named("class", FROM_1), label_last], -1, "pixel1,pixel2,pixel3,...,pixel784,class"),
    "Kannada-MNIST": (
        [indexed("id")], 1, "id,label,pixel0,...,pixel782,pixel783, first column ignored",
    ),
    "to_csv": ([indexed("")], 1, ",label,pixel0,...,pixel782,pixel783, first column ignored"),
    "to_csv twice, label last": (
        [label_last, indexed("Unnamed: 0")], -1,
        "Unnamed: 0,pixel0,pixel1,...,pixel783,label, first column ignored",
    ),
    "decimals": ([decimal], 0, "label,pixel0,pixel1,...,pixel782,pixel783, numbers such as 5.0"),
    "decimals, no header": (
        [decimal, without_header], 0, "no header, label first, numbers such as 5.0",
    ),
}  # fmt: skip


def in_form(name: str, rows: Rows) -> Rows:
    for change in FORMS[name][0]:
        rows = change(rows)
    return rows


def write(path: Path, rows: Rows) -> str:
    text = "".join(",".join(row) + "\n" for row in rows)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return text


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_read_as_the_competitions(tmp_path: Path, name: str, labelled: bool) -> None:
    path, rows, (_, at, said) = tmp_path / "a.csv", in_form(name, table(30)), FORMS[name]
    if not labelled:
        for row in rows:
            del row[at]
    write(path, rows)
    notes: list[str] = []
    block = np.concatenate(list(read_blocks(path, labelled=labelled, note=notes.append)))
    assert block.tolist() == [[int(cell) for cell in row[not labelled :]] for row in table(30)[1:]]
    if labelled:
        assert notes == ([f"{path}: read as {said}"] if said else [])
    else:
        assert len(notes) == (name != "competition")


CELL = st.one_of(
    st.integers(-5, 300).map(str),
    st.integers(-5, 300).map("{}.0".format),
    st.text(st.sampled_from("0123456789.,-+eE\"' \t\r\n\x00#"), max_size=6),
    st.text(max_size=4),
)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(list(FORMS)), cell=CELL, column=st.integers(0, 785),
       line=st.sampled_from([-3, -2, -1]))  # fmt: skip
def test_the_reader_agrees_with_the_csv_module(
    tmp_path_factory: pytest.TempPathFactory, name: str, cell: str, column: int, line: int
) -> None:
    """What is read is what Python's own csv module reads; all else is refused, in one line."""
    path, rows = tmp_path_factory.getbasetemp() / "fuzz", in_form(name, table())
    rows[line][column : column + 1] = [cell]
    text = write(path, rows)
    try:
        block = np.concatenate(list(read_blocks(path, labelled=True)))
    except InputError as error:
        assert "\n" not in str(error)
    else:
        _, at, said = FORMS[name]
        expected = [row for row in csv.reader(io.StringIO(text, newline=None)) if row]
        expected = expected["no header" not in said :]
        for row in expected:
            row.insert(0, row.pop(at))
            if said.endswith("ignored"):
                del row[1]
        assert block.tolist() == [[float(cell.strip()) for cell in row] for row in expected]


def peak_memory(path: Path) -> int:
    """Reads `path`, or has it refused, and returns the bytes that this took at most."""
    tracemalloc.start()
    try:
        for _ in read_blocks(path, labelled=False):
            pass
    except InputError as error:
        assert "10,000,001 columns; expected 784" in str(error)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.slow
def test_reading_takes_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    write_csv(path, np.full((20_000, 784), 255, np.uint8))  # 63 MB of text
    assert peak_memory(path) < 30_000_000
    path.write_text("a," * 10_000_000)
    assert peak_memory(path) < 5_000_000
