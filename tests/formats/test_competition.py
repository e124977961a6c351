"""CSV files of images: each known form is read exactly, and all else is rejected in one line."""

import csv
import gzip
import io
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.formats.competition import Chunk, read_chunks, write_csv
from stages.formats.task import DIGITS, Task
from stages.harness.errors import InputError
from tests.support.samples import mnist
from tests.support.workplace import examples

FROM_0, FROM_1 = ([f"pixel{i + first}" for i in range(784)] for first in (0, 1))
BY_PLACE = [f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)]
ROWS = np.column_stack([array[:60] for array in mnist()[::-1]])
FRAME = pd.DataFrame(ROWS, columns=["label", *FROM_0])
PIXELS = FRAME[FROM_0]


def to_text(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False)


def put(row: int, column: int, value: str) -> str:
    """The text with one other cell."""
    frame = FRAME.astype(object)
    frame.iat[row, column] = value
    return frame.to_csv(index=False)


TEXT = to_text(FRAME)
BODY = FRAME.to_csv(index=False, header=False)
# A train.csv of the same digits, and what is noted.
GOOD: dict[str, tuple[str, str]] = {
    "as it is": (TEXT, ""),
    "no header": (BODY, "no header"),
    "1x1": (to_text(FRAME.set_axis(["label", *BY_PLACE], axis=1)), "label,1x1,...,28x28"),
    "group": (to_text(FRAME.assign(group="7")), "label,pixel0,...,group"),
    "class": (to_text(FRAME.set_axis(["class", *FROM_1], axis=1)), "class,pixel1,...,pixel784"),
    "label last": (to_text(FRAME[[*FROM_0, "label"]]), "pixel0,pixel1,...,label"),
    "to_csv": (FRAME.to_csv(), ",label,...,pixel783"),
    "id": (FRAME.rename(index='7, "a{}'.format).to_csv(index_label="id"), "id,label,...,pixel783"),
    "decimals": (to_text(FRAME.astype(float)), ""),
    "CRLF": (FRAME.to_csv(index=False, lineterminator="\r\n"), ""),
    "byte-order mark": ("\ufeff" + BODY, "no header"),
    "quoted": (FRAME.to_csv(index=False, quoting=csv.QUOTE_ALL), ""),
    "blank lines": (TEXT.replace("\n", "\n\n") + " \n\n", ""),
    "leading zeros": (to_text(FRAME.map(" +{:03} ".format)), ""),
}


def read(path: Path, content: str | bytes, task: Task = DIGITS) -> tuple[Chunk, list[str]]:
    """Writes a file, and reads it; returns the labels and the pixels, and the notes."""
    notes: list[str] = []
    path.write_bytes(content if isinstance(content, bytes) else content.encode(errors="replace"))
    chunks = [np.hstack(parts[::-1]) for parts in read_chunks(path, task, notes.append)]
    return np.concatenate(chunks), notes


@pytest.mark.parametrize(("text", "note"), GOOD.values(), ids=GOOD)
def test_each_form_is_read_as_the_competitions(tmp_path: Path, text: str, note: str) -> None:
    path = tmp_path / "train.csv"
    chunk, notes = read(path, text)
    np.testing.assert_array_equal(chunk, ROWS)
    assert [line.startswith(f"{path}: read as {note}") for line in notes] == [True] * bool(note)


def test_a_file_without_labels_and_one_of_many_classes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    np.testing.assert_array_equal(read(path, to_text(PIXELS))[0], ROWS[:, 1:])
    task = Task(shape=(2, 2, 3), classes=tuple(map(str, range(300))))
    rows = [[299, 255, *range(11)], [256, *range(12)]]
    text = "".join(",".join(map(str, row)) + "\n" for row in rows)
    assert read(path, text, task)[0].tolist() == rows
    with pytest.raises(InputError, match=r"column label: '300'; .* 0 to 299; `classes` at"):
        read(path, text.replace("299", "300"), task)


WHOLE = "expected a whole number from 0 to "
COLUMNS = "expected 785 columns label,pixel0,...,pixel783"
# A bad train.csv, where the fault is, and what was expected.
BAD: dict[str, tuple[str | bytes, str, str]] = {
    "empty": ("", " line 1: 1 columns", "the file is empty"),
    "header only": (to_text(FRAME[:0]), ": no rows", "expected 0 to 255"),
    "one label": (to_text(FRAME.assign(label=0)), ": every label is 0", "add a header, or"),
    "two labels": (to_text(FRAME.assign(label=0, **{"class": 0})), " line 1: 786 columns", COLUMNS),
    "two alike": (TEXT.replace("pixel4", "pixel3", 1), " line 1, column 6: 'pixel3'", "that rise"),
    "no names": (pd.DataFrame(ROWS).to_csv(index=False), " line 1: 785 columns 0,1,", COLUMNS),
    "a short row": (TEXT[: TEXT.rindex(",")], " line 61: 784 cells", "expected 785"),
    "semicolons": (TEXT.replace(",", ";"), " line 1: 1 columns", "separate the cells by"),
    "gzip": (gzip.compress(TEXT.encode()), " line 1: ", COLUMNS),
    "UTF-16": (TEXT.encode("utf-16"), " line 1: 785 columns", "in UTF-8"),
    "a long line": (TEXT + "1" * 200_000, " line 62: 1 cells", "expected 785"),
    "open quote": (TEXT + '"1,2,3\n', " line 62: 1 cells", "expected 785"),
    "0 to 1": (to_text(PIXELS.div(255).assign(label=1)), " line 2, column pixel", WHOLE + "255"),
    "0 or 1": (to_text((PIXELS // 128).assign(label=1)), ": no rows, or no pixel above", "by 255"),
    "labels from 1": (to_text(FRAME.assign(label=10)), " line 2, column label: '10'", WHOLE + "9"),
    "far down": (put(59, 784, "256"), " line 61, column pixel783: '256'", WHOLE + "255"),
    **{
        f"cell {cell!r:.20}": (put(1, 5, cell), " line 3, column pixel4: ", WHOLE + "255")
        for cell in ("", "-1", "3.01", "nan", "0x10", "1,000", "7\x00", "#", "9" * 30, "½")
    },
}


@pytest.mark.parametrize(("content", "at", "expected"), BAD.values(), ids=BAD)
def test_a_bad_file_is_named(tmp_path: Path, content: str | bytes, at: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.csv", content)
    assert str(caught.value).startswith(f"{tmp_path / 'a.csv'}{at}")
    assert expected in str(caught.value)


CELL = st.one_of(
    st.integers(-5, 300).map(str),
    st.integers(-5, 300).map("{}.0".format),
    st.text(st.sampled_from("0123456789.,-+eE\"' \t\r\n\x00#"), max_size=6),
    st.text(max_size=4),
)


@examples
def test_the_reader_agrees_with_the_csv_module(tmp_path: Path, count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(CELL, st.integers(0, 785), st.sampled_from([1, 2, 3]))
    def check(cell: str, column: int, line: int) -> None:
        rows = [row.split(",") for row in FRAME[:3].to_csv(index_label="id").splitlines()]
        rows[line][column : column + 1] = [cell]
        text = "".join(",".join(row) + "\n" for row in rows)
        try:
            chunk, _ = read(tmp_path / "a.csv", text)
        except InputError as error:
            assert "\n" not in str(error)
            return
        _, *lines = filter(None, csv.reader(io.StringIO(text, newline=None)))
        assert chunk.tolist() == [list(map(float, line[1:])) for line in lines]

    check()


@pytest.mark.slow
def test_reading_takes_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    write_csv(path, np.full((20_000, 784), 255, np.uint8))  # 63 MB of text
    tracemalloc.start()
    assert sum(len(pixels) for pixels, _ in read_chunks(path, DIGITS)) == 20_000
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()
