"""Bad CSV files, as `preprocess` refuses them, and harmless variants, which change nothing."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.harness import paths
from tests.conftest import Run
from tests.support.workplace import Workplace, check_refusal

TRAIN, TEST = paths.TRAIN_CSV, paths.TEST_CSV
WHOLE = "expected a whole number from 0 to "

Edit = Callable[[str], str | bytes]


def cell(line: int, column: int, value: str) -> Edit:
    """Puts a value into one cell; lines count from 1, columns from 0."""

    def edit(text: str) -> str:
        rows = [row.split(",") for row in text.splitlines()]
        rows[line - 1][column] = value
        return "\n".join(map(",".join, rows)) + "\n"

    return edit


def rows(change: Callable[[list[str]], list[str]], first: int = 0) -> Callable[[str], str]:
    """Changes the cells of every row, from the `first` on."""

    def edit(text: str) -> str:
        cells = [row.split(",") for row in text.splitlines()]
        return "\n".join(
            ",".join(change(row) if i >= first else row) for i, row in enumerate(cells)
        )

    return edit


def pixels(change: Callable[[int], object]) -> Edit:
    return rows(lambda row: [row[0], *(f"{change(int(pixel))}" for pixel in row[1:])], first=1)


def labels(change: Callable[[int], object]) -> Edit:
    return rows(lambda row: [f"{change(int(row[0]))}", *row[1:]], first=1)


def header(text: str) -> str:
    return text.split("\n", 1)[0] + "\n"


def body(text: str) -> str:
    return text.split("\n", 1)[1]


def numbered(text: str) -> str:
    return ",".join(map(str, range(785))) + "\n" + body(text)


BAD_CELLS = [
    "", " ", "-1", "256", "3.01", "256.0", "-1.0", "1e2", "nan", "-inf", "0x10", "1_0", '"1,000"',
    "\U0010ffff", "\u0663", "7\x00", "#", "9" * 30, "1 2", "=cmd|' /C calc'!A0", "½",
]  # fmt: skip

# What it is; how a good train.csv becomes it; where the fault is; what was expected.
BAD: list[tuple[str, Edit, str, str]] = [
    ("empty", lambda text: "", "train.csv line 1: empty", "expected 785 columns label,pixel0"),
    ("only a newline", lambda text: "\n", "train.csv line 1: empty", "expected 785 columns"),
    ("header only", header, "train.csv: a header but no rows", "expected at least one"),
    ("no header or labels", lambda text: rows(lambda row: row[1:])(body(text)),
     "line 1: 784 columns (no header)", "expected a column of labels"),
    ("no header, labels last", lambda text: rows(lambda row: [*row[1:], row[0]])(body(text)),
     "train.csv: every label is 0", "add a header, or move that column to the front"),
    ("numbers as header", numbered, "line 1, column 1: '0'", "expected 'label'"),
    ("colour", lambda text: ",".join(["label", *(f"pixel{i}" for i in range(2352))]) + "\n",
     "line 1: 2,353 columns", "expected 785"),
    ("a column less", rows(lambda row: row[:-1]), "line 1: 784 columns", "expected 785"),
    ("a column more", rows(lambda row: [*row, "1"]), "line 1: 786 columns", "expected 785"),
    ("a trailing comma", rows(lambda row: [*row, ""], 1), "line 2: 786 cells", "expected 785"),
    ("reordered", rows(lambda row: row[::-1]), "column 1: 'pixel783'", "expected 'pixel1'"),
    ("two alike", cell(1, 5, "pixel3"), "line 1, column 6: 'pixel3'", "expected 'pixel4'"),
    ("another first column", rows(lambda row: ["name", *row]), "line 1: 786 columns", "785"),
    ("a typo after an index", rows(lambda row: ["id", "labels", *row[1:]]),
     "line 1, column 2: 'labels'", "expected 'label'"),
    ("a row with only an index", lambda text: rows(lambda row: ["", *row])(text) + "\n60,\n",
     "line 62: 2 cells", "expected 786"),
    ("capitals", cell(1, 0, "Label"), "line 1, column 1: 'Label'", "expected 'label'"),
    ("names in spaces", cell(1, 0, " label"), "column 1: ' label'", "expected 'label'"),
    ("a short row", lambda t: t[: t.rindex(",")], "line 61: 784 cells", "expected 785"),
    ("two rows in one", lambda t: t[::-1].replace("\n", ",", 2)[::-1], "cells", "expected 785"),
    ("semicolons", lambda t: t.replace(",", ";"), "line 1: 1 columns", "separated by commas"),
    ("gzip", lambda t: gzip.compress(t.encode()), "train.csv: not UTF-8", "not compressed"),
    ("UTF-16", lambda t: t.encode("utf-16"), "train.csv: not UTF-8", "save it as UTF-8"),
    ("latin-1", lambda t: (t + "é").encode("latin-1"), "not UTF-8", "save it as UTF-8"),
    ("NUL bytes", lambda t: bytes(5000), "train.csv line 1", "expected 785 columns"),
    ("a long line", lambda t: t + "1" * 10_000_000, "line 62: longer than 15,700", "expected 785"),
    ("a long header", lambda t: "a" * 10_000_000, "line 1: 1 columns", "expected 785"),
    ("quote not closed", lambda t: t + '"1,2,3\n', "line 62: 1 cells", "expected 785"),
    ("quote in a row", cell(9, 4, '"3'), "line 9: 5 cells", "expected 785"),
    ("floats in 0-1", pixels(lambda p: f"{p / 255:.3f}"), "line 2, column pixel",
     WHOLE + "255: multiply pixels from 0 to 1 by 255"),
    ("0 or 1", pixels(lambda p: p // 128), "train.csv: no pixel is above 1", "by 255"),
    ("blank", pixels(lambda p: "0.0"), "train.csv: all images are blank", "from 0 to 255"),
    ("labels from 1", labels(lambda label: label + 1), "column label: '10'",
     WHOLE + "9: if labels start above 0, subtract that"),
    ("labels from 10", labels(lambda label: label + 10), "line 2, column label: '1",
     WHOLE + "9: if labels start above 0, subtract that"),
    ("a label of 10", cell(4, 0, "10"), "line 4, column label: '10'", "if 10 means 0, write 0"),
    ("a letter as label", cell(4, 0, "a"), "line 4, column label: 'a'", WHOLE + "9"),
    ("far down", cell(61, 784, "256"), "line 61, column pixel783: '256'", WHOLE + "255"),
    *((f"cell {bad!r:.20}", cell(3, 5, bad), "line 3, column pixel4: ", WHOLE + "255")
      for bad in BAD_CELLS),
]  # fmt: skip


@pytest.fixture
def place(source: Path, in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    return Workplace(in_tmp, capsys)


def spoil(path: Path, edit: Edit) -> None:
    spoilt = edit(path.read_text())
    path.write_bytes(spoilt.encode() if isinstance(spoilt, str) else spoilt)


@pytest.mark.parametrize(("edit", "at", "expected"), [c[1:] for c in BAD], ids=[c[0] for c in BAD])
def test_a_bad_file_is_refused(place: Workplace, edit: Edit, at: str, expected: str) -> None:
    spoil(TRAIN, edit)
    place.refuses("preprocess", "data/raw/train.csv", at, expected)


@pytest.mark.parametrize("bad", ["", "256"])
def test_so_is_a_bad_test_file(place: Workplace, bad: str) -> None:
    spoil(TEST, cell(3, 5, bad))
    place.refuses("preprocess", "data/raw/test.csv line 3, column pixel5: ", WHOLE + "255")


def test_swapped_files_are_noticed(place: Workplace) -> None:
    train, test = TRAIN.read_bytes(), TEST.read_bytes()
    TEST.write_bytes(train)
    place.refuses(
        "preprocess", "test.csv line 1: 785 columns", "remove that column", "another train.csv?",
        "test.csv swapped?",
    )  # fmt: skip
    TRAIN.write_bytes(test)
    place.refuses("preprocess", "train.csv line 1: 784 columns", "test.csv swapped?")


@pytest.mark.parametrize("path", [TRAIN, TEST])
@pytest.mark.parametrize("folder", [True, False])
def test_a_missing_file_or_a_folder_is_named(place: Workplace, path: Path, folder: bool) -> None:
    path.unlink()
    if folder:
        path.mkdir()
    place.refuses("preprocess", f"{path}: ", "expected a CSV file", "data/README.md")


def test_what_was_prepared_before_is_kept(place: Workplace) -> None:
    assert place.run("preprocess")[0] == 0
    spoil(TRAIN, cell(3, 5, "256"))
    place.refuses("preprocess", "line 3")
    assert paths.TRAIN_IMAGES.exists()


HARMLESS: dict[str, Edit] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "byte-order mark": lambda text: "\ufeff" + text,
    "quoted": lambda text: '"' + text[:-1].replace(",", '","').replace("\n", '"\n"') + '"\n',
    "no last newline": lambda text: text.rstrip("\n"),
    "blank lines at the end": lambda text: text + "\n\n",
    "leading zeros": rows(lambda row: [row[0], *(f"{int(p):03}" for p in row[1:])], first=1),
    "spaces": rows(lambda row: [f" {p} " for p in row], first=1),
    "plus signs": rows(lambda row: [f"+{p}" for p in row], first=1),
}


@pytest.mark.parametrize("edit", HARMLESS.values(), ids=HARMLESS)
def test_what_is_harmless_changes_no_byte(place: Workplace, edit: Edit) -> None:
    def prepared() -> dict[str, bytes]:
        assert place.run("preprocess") == (0, "")
        return {path.name: path.read_bytes() for path in paths.PREPARED.iterdir()}

    expected = prepared()
    for path in (TRAIN, TEST):
        before = path.read_bytes()
        spoil(path, edit)
        assert path.read_bytes() != before
    assert prepared() == expected


@pytest.mark.parametrize("name", ["gzip", "a label of 10", "semicolons"])
def test_a_process_of_its_own_says_the_same(place: Workplace, run_python: Run, name: str) -> None:
    edit, *expected = next(case[1:] for case in BAD if case[0] == name)
    spoil(TRAIN, edit)
    said = place.refuses("preprocess", *expected)
    before = place.files()
    code = "import runpy, tests; runpy.run_module('stages.preprocess', run_name='__main__')"
    done = run_python("-c", code, cwd=place.folder)  # `tests` sets the task to digits
    check_refusal(done.returncode, done.stderr, *expected)
    assert (done.stderr, done.stdout, place.files()) == (said, "", before)
