"""CSV files of images: each known form is read exactly, and all else is rejected in one line."""

import csv
import gzip
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.formats.competition import Chunk, read_chunks, write_csv
from stages.harness import paths
from stages.harness.errors import InputError
from tests.support.samples import mnist
from tests.support.workplace import Workplace, examples

Rows = list[list[str]]
Edit = Callable[[str], str | bytes]

FROM_0, FROM_1 = ([f"pixel{i + first}" for i in range(784)] for first in (0, 1))
BY_PLACE = [f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)]
DIGITS = np.column_stack([array[:60] for array in mnist()[::-1]])
NUMBERS = DIGITS.astype(str).tolist()


def to_text(rows: Rows) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


def named(names: list[str]) -> Edit:
    return lambda text: to_text([names, *NUMBERS])


def each(change: Callable[[list[str]], list[str]]) -> Callable[[str], str]:
    """Changes every row, also the header."""
    return lambda text: to_text([change(line.split(",")) for line in text.splitlines()])


def numbers(change: Callable[[np.ndarray], np.ndarray], form: str = "{}") -> Edit:
    """Changes all numbers at once, or their form."""
    table = change(DIGITS.astype(int)).tolist()
    return lambda text: to_text([["label", *FROM_0], *([form.format(x) for x in y] for y in table)])


def pixels(change: Callable[[np.ndarray], np.ndarray]) -> Edit:
    return numbers(lambda table: np.column_stack([table[:, 0], change(table[:, 1:])]))


def put(line: int, column: int, value: str) -> Edit:
    """Puts a value into one cell; lines count from 1, columns from 0."""

    def edit(text: str) -> str:
        rows = [row.split(",") for row in text.splitlines()]
        rows[line - 1][column] = value
        return to_text(rows)

    return edit


def label_last(row: list[str]) -> list[str]:
    return [*row[1:], row[0]]


def body(text: str) -> str:
    return text.split("\n", 1)[1]


# How a good train.csv is changed, and what is noted.
GOOD: dict[str, tuple[Edit, str]] = {
    "as it is": (str, ""),
    "no header": (body, "no header"),
    "1x1": (named(["label", *BY_PLACE]), "label,1x1,...,28x28"),
    "label last": (each(label_last), "pixel0,pixel1,...,label"),
    "class": (named(["class", *FROM_1]), "class,pixel1,...,pixel784"),
    "to_csv": (
        each(lambda row: ["" if row[0] == "label" else '"7, a"', *label_last(row)]),
        ",pixel0,...,label",
    ),
    "an index": (each(lambda row: ["id" if row[0] == "label" else "700", *row]), "id,label,..."),
    "decimals": (numbers(np.array, "{}.0"), ""),
    "CRLF": (lambda text: text.replace("\n", "\r\n"), ""),
    "byte-order mark": (lambda text: "\ufeff" + body(text), "no header"),
    "quoted": (lambda text: '"' + text[:-1].replace(",", '","').replace("\n", '"\n"') + '"', ""),
    "blank lines": (lambda text: text.replace("\n", "\n\n") + " \n\n", ""),
    "leading zeros": (numbers(np.array, " +{:03} "), ""),
}


def read(path: Path, content: str | bytes) -> tuple[Chunk, list[str]]:
    """Writes a file, and reads it; returns the rows and the notes."""
    notes: list[str] = []
    path.write_bytes(content if isinstance(content, bytes) else content.encode(errors="replace"))
    return np.concatenate(list(read_chunks(path, labelled=True, note=notes.append))), notes


@pytest.mark.parametrize(("change", "note"), GOOD.values(), ids=GOOD)
def test_each_form_is_read_as_the_competitions(tmp_path: Path, change: Edit, note: str) -> None:
    path = tmp_path / "train.csv"
    chunk, notes = read(path, change(to_text([["label", *FROM_0], *NUMBERS])))
    np.testing.assert_array_equal(chunk, DIGITS)
    assert [line.startswith(f"{path}: read as {note}") for line in notes] == [True] * bool(note)


BAD_CELLS = ["", "-1", "256", "3.01", "nan", "0x10", '"1,000"', "7\x00", "#", "9" * 30, "½"]
WHOLE = "expected a whole number from 0 to "
COLUMNS = "expected 785 columns label,pixel0,...,pixel783"
# How a good train.csv becomes bad, where the fault is, and what was expected.
BAD: dict[str, tuple[Edit, str, str]] = {
    "empty": (lambda text: "", " line 1: 1 columns", COLUMNS),
    "header only": (lambda text: text.replace(body(text), ""), ": no rows", "expected 0 to 255"),
    "label last": (lambda t: body(each(label_last)(t)), ": every label is 0", "add a header, or"),
    "two labels": (each(lambda row: [*row, row[0]]), " line 1: 786 columns", COLUMNS),
    "no label": (each(lambda row: row[1:]), " line 1: 784 columns", "test.csv swapped?"),
    "two alike": (put(1, 5, "pixel3"), " line 1, column 6: 'pixel3'", "numbers that rise"),
    "no names": (named([str(i) for i in range(785)]), " line 1: 785 columns 0,1,", COLUMNS),
    "a trailing comma": (put(2, 784, "0,"), " line 2: 786 cells", "expected 785"),
    "a short row": (lambda text: text[: text.rindex(",")], " line 61: 784 cells", "expected 785"),
    "semicolons": (lambda text: text.replace(",", ";"), " line 1: 1 columns", COLUMNS),
    "gzip": (lambda text: gzip.compress(text.encode()), " line 1: ", COLUMNS),
    "UTF-16": (lambda text: text.encode("utf-16"), " line 1: 785 columns", "in UTF-8"),
    "a long line": (lambda text: text + "1" * 200_000, " line 62: 1 cells", "expected 785"),
    "open quote": (lambda text: text + '"1,2,3\n', " line 62: 1 cells", "expected 785"),
    "0 to 1": (pixels(lambda p: p / 255), " line 2, column ", WHOLE + "255"),
    "0 or 1": (pixels(lambda p: p // 128), ": no rows, or no pixel above 1", "multiply pixels"),
    "labels from 1": (numbers(lambda t: t + (np.arange(785) == 0)), " line", WHOLE + "9"),
    "a letter": (put(4, 0, "a"), " line 4, column label: 'a'", WHOLE + "9"),
    "far down": (put(61, 784, "256"), " line 61, column pixel783: '256'", WHOLE + "255"),
    **{
        f"cell {bad!r:.20}": (put(3, 5, bad), " line 3, column pixel4: ", WHOLE + "255")
        for bad in BAD_CELLS
    },
}


@pytest.mark.parametrize(("change", "at", "expected"), BAD.values(), ids=BAD)
def test_a_bad_file_is_rejected(tmp_path: Path, change: Edit, at: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.csv", change(to_text([["label", *FROM_0], *NUMBERS])))
    assert str(caught.value).startswith(f"{tmp_path / 'a.csv'}{at}")
    assert expected in str(caught.value)


def test_a_bad_file_leaves_the_old_output(
    source: Path, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workplace(in_tmp, capsys)
    assert place.run("preprocess") == (0, "")
    paths.TEST_CSV.write_bytes(paths.TRAIN_CSV.read_bytes())
    place.refuses("preprocess", "test.csv line 1: 785 columns", "swapped?")
    assert paths.TRAIN_IMAGES.exists()


CELL = st.one_of(
    st.integers(-5, 300).map(str),
    st.integers(-5, 300).map("{}.0".format),
    st.text(st.sampled_from("0123456789.,-+eE\"' \t\r\n\x00#"), max_size=6),
    st.text(max_size=4),
)


@pytest.mark.parametrize("name", [[], ["id"]])
@examples
def test_the_reader_agrees_with_the_csv_module(tmp_path: Path, name: list[str], count: int) -> None:
    """What is read is what Python's own csv module reads; all else is rejected, in one line."""
    names, index = [*name, "label", *FROM_0], ["7" for _ in name]

    @settings(max_examples=count, deadline=None)
    @given(CELL, st.integers(0, 785), st.sampled_from([0, 1, 2]))
    def check(cell: str, column: int, line: int) -> None:
        rows = [[*index, *row] for row in NUMBERS[:3]]
        rows[line][column : column + 1] = [cell]
        text = to_text([names, *rows])
        try:
            chunk, _ = read(tmp_path / "a.csv", text)
        except InputError as error:
            assert "\n" not in str(error)
            return
        _, *lines = filter(None, csv.reader(io.StringIO(text, newline=None)))
        assert chunk.tolist() == [list(map(float, line[len(name) :])) for line in lines]

    check()


@pytest.mark.slow
def test_reading_takes_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    write_csv(path, np.full((20_000, 784), 255, np.uint8))  # 63 MB of text
    tracemalloc.start()
    assert sum(map(len, read_chunks(path, labelled=False))) == 20_000
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()
