"""CSV files: read exactly, or refused; `test_refuse_csv` has the cases one by one."""

import csv
import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.dataset import PIXELS, Block, read_blocks, write_csv
from stages.errors import InputError


def table(rows: int = 3) -> list[list[str]]:
    """A header and some rows as cells, for a test to spoil."""
    cells = np.random.default_rng(0).integers(0, 256, (rows, 784)).astype(str).tolist()
    return [["label", *PIXELS], *([str(i % 10), *row] for i, row in enumerate(cells))]


def as_text(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


def read(path: Path, data: bytes) -> Block:
    path.write_bytes(data)
    return np.concatenate(list(read_blocks(path, labelled=True)))


CELL = st.one_of(
    st.integers(-5, 300).map(str),
    st.text(st.sampled_from("0123456789.,-+eE\"' \t\r\n\x00#"), max_size=6),
    st.text(max_size=4),
)


@settings(max_examples=300, deadline=None)
@given(cell=CELL, column=st.integers(0, 783), line=st.integers(2, 4))
def test_the_reader_agrees_with_the_csv_module(
    tmp_path_factory: pytest.TempPathFactory, cell: str, column: int, line: int
) -> None:
    """What is read is what Python's own csv module reads; all else is refused, in one line."""
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    text = as_text(
        [
            [*row[:column], cell, *row[column + 1 :]] if i == line - 1 else row
            for i, row in enumerate(table())
        ]
    )
    try:
        found = read(path, text.encode("utf-8", "surrogatepass"))
    except InputError as error:
        assert "\n" not in str(error)
    else:
        rows = [row for row in csv.reader(io.StringIO(text, newline=None)) if row][1:]
        assert found.tolist() == [[int(value) for value in row] for row in rows]


def test_reading_takes_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    write_csv(path, np.full((20_000, 784), 255, np.uint8))  # 63 MB of text
    tracemalloc.start()
    for _ in read_blocks(path, labelled=False):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000_000


def test_what_is_written_is_read_again(tmp_path: Path, digits: tuple[Block, Block]) -> None:
    pixels, labels = digits
    write_csv(tmp_path / "train.csv", pixels, labels)
    found = np.concatenate(list(read_blocks(tmp_path / "train.csv", labelled=True)))
    np.testing.assert_array_equal(found[:, 0], labels)
    np.testing.assert_array_equal(found[:, 1:], pixels)
