"""CSV files and arrays: read exactly, or refused with file, line and column."""

import csv
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.dataset import (
    PIXELS,
    Block,
    open_labels,
    open_rows,
    read_blocks,
    read_images,
    write_csv,
)
from stages.errors import InputError


def table(rows: int = 3) -> list[list[str]]:
    """A header and some rows as cells, for a test to spoil."""
    cells = np.random.default_rng(0).integers(0, 256, (rows, 784)).astype(str).tolist()
    return [["label", *PIXELS], *([str(i % 10), *row] for i, row in enumerate(cells))]


def as_text(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


def read(path: Path, data: str | bytes, *, labelled: bool = True) -> Block:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return np.concatenate(list(read_blocks(path, labelled=labelled)))


GOOD = as_text(table())


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.rstrip("\n"),
        GOOD + "\n\n",
        '"' + GOOD[:-1].replace(",", '","').replace("\n", '"\n"') + '"\n',
    ],
    ids=["plain", "CRLF", "byte-order mark", "no last newline", "blank lines", "quoted"],
)
def test_what_is_harmless_is_read_alike(tmp_path: Path, text: str) -> None:
    expected = np.array(table()[1:]).astype(np.uint8)
    np.testing.assert_array_equal(read(tmp_path / "train.csv", text), expected)


def change(edit: Callable[[list[list[str]]], Any]) -> str:
    rows = table()
    edit(rows)
    return as_text(rows)


CELLS = ["", " ", "-1", "256", "1000", "3.5", "3.0", "1e2", "nan", "inf", "0x10", "1_0", '"1,000"']
CELLS += [
    "\U0010ffff",
    "\u3000",
    "\u0663",
    "7\x00",
    "#",
    "None",
    "99999999999999999999999",
    "--",
    "'3'",
    "1 2",
]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("labelled", [True, False])
def test_a_wrong_cell_is_named_by_line_and_column(
    tmp_path: Path, cell: str, labelled: bool
) -> None:
    rows = table() if labelled else [row[1:] for row in table()]
    rows[2][5] = cell
    name = rows[0][5]
    with pytest.raises(InputError) as caught:
        read(tmp_path / "train.csv", as_text(rows), labelled=labelled)
    text = str(caught.value)
    assert f"train.csv line 3, column {name}: " in text
    assert "expected a whole number from 0 to 255" in text
    assert "\n" not in text


def test_a_fault_far_down_is_found(tmp_path: Path) -> None:
    rows = table(5000)
    rows[4321][784] = "256"
    with pytest.raises(InputError, match="line 4322, column pixel783: '256'"):
        read(tmp_path / "train.csv", as_text(rows))


@pytest.mark.parametrize("label", ["10", "-1", "a", ""])
def test_a_label_outside_0_to_9_is_refused(tmp_path: Path, label: str) -> None:
    with pytest.raises(InputError, match=r"line 2, column label: .* from 0 to 9"):
        read(tmp_path / "train.csv", change(lambda rows: rows[1].__setitem__(0, label)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty file"),
        ("\n", "empty file"),
        (GOOD.split("\n")[0] + "\n", "a header but no rows"),
        (GOOD.split("\n")[0] + "\n\n\n", "a header but no rows"),
        (GOOD.split("\n", 1)[1], "line 1: no header"),
        (change(lambda rows: [row.pop() for row in rows]), "line 1: 784 columns; expected 785"),
        (as_text([[*row, "1"] for row in table()]), "line 1: 786 columns"),
        (as_text([[*row, ""] for row in table()]), "line 1: 786 columns"),
        (change(lambda rows: rows[0].reverse()), "line 1, column 1: 'pixel783'; expected 'label'"),
        (change(lambda rows: rows[0].__setitem__(4, "pixel2")), "column 5: 'pixel2'"),
        (change(lambda rows: rows[2].pop()), "line 3: 784 cells; expected 785"),
        (change(lambda rows: rows[2].insert(9, "1")), "line 3: 786 cells; expected 785"),
        (as_text([table()[0], *([*row, ""] for row in table()[1:])]), "line 2: 786 cells"),
        (GOOD[: GOOD.rindex(",")], "line 4: 784 cells"),
        (GOOD + "1" * 10_000_000, "line 5: longer than"),
        (GOOD + '"', "line 5"),
        (GOOD.replace("\n", ";\n").replace(",", ";"), "line 1: 1 columns"),
    ],
)
def test_a_wrong_shape_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path / "train.csv", text)
    assert str(caught.value).startswith(f"{tmp_path / 'train.csv'}")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [b"\x1f\x8b\x08" + bytes(100), GOOD.encode("utf-16"), GOOD.encode() + b"\xff\xfe"],
    ids=["gzip", "UTF-16", "stray bytes"],
)
def test_what_is_not_utf_8_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        read(tmp_path / "train.csv", data)


def test_train_and_test_are_not_mistaken_for_each_other(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="785 columns; expected 784 columns pixel0,pixel1"):
        read(tmp_path / "test.csv", GOOD, labelled=False)


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


IMAGES = np.full((4, 28, 28, 1), 0.5, np.float32)


@pytest.mark.parametrize(
    "array",
    [
        IMAGES.astype(np.float64),
        IMAGES[:, :, :, 0],
        IMAGES[:0],
        IMAGES * 3,
        IMAGES * np.nan,
        -IMAGES,
        IMAGES.astype(object),
        np.float32(0.5),
    ],
    ids=["float64", "shape", "empty", "above 1", "NaN", "negative", "object", "scalar"],
)
def test_wrong_images_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "images.npy", array)
    with pytest.raises(InputError, match=r"images\.npy: "):
        read_images(tmp_path / "images.npy")


def test_a_cut_or_foreign_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "images.npy"
    np.save(path, IMAGES)
    whole = path.read_bytes()
    for data in (whole[:-1], whole[:100], whole[:8], b"", b"\x80\x04pickle"):
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"images\.npy: "):
            read_images(path)


def test_labels_and_rows_out_of_range_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "labels.npy", np.array([3, 10], np.uint8))
    with pytest.raises(InputError, match="label 10; expected 0-9"):
        open_labels(tmp_path / "labels.npy")
    np.save(tmp_path / "rows.npy", np.array([0, 5]))
    np.testing.assert_array_equal(open_rows(tmp_path / "rows.npy", 6), [0, 5])
    with pytest.raises(InputError, match="row numbers outside 0-4"):
        open_rows(tmp_path / "rows.npy", 5)
