"""Reading inputs: a fault in one stops no other."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.cluster.tasks import VARIABLE
from stages.formats.competition import CHUNK_ROWS, write_csv
from stages.harness.errors import InputError, describe
from tests.support.drawings import DIGITS
from tools.recognize.inputs import PICTURES, ROWS, SAVED, Fault, Input, collect_batches, read_inputs

BLANK = np.zeros((28, 28), np.uint8)


@pytest.fixture
def place(in_tmp: Path) -> Path:
    for name in ("a.png", "b.png"):
        Image.fromarray(DIGITS[0]).save(name)
    return in_tmp


def read(*names: str) -> list[str]:
    """What is read, by name, and the lines for the faults."""
    items = read_inputs([Path(name) for name in names])
    return [str(item.path) if isinstance(item, Input) else describe(item) for item in items]


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "y" * 300 + ".csv", "z" * 5000])
def test_a_name_that_cannot_be_stops_no_other(place: Path, name: str) -> None:
    first, fault, last = read("a.png", name, "b.png")
    assert (first, last) == ("a.png", "b.png")
    assert fault.startswith(f"error: {name}: File name too long; correct that")


def test_saved_files_are_skipped_unless_named_without_their_picture(place: Path) -> None:
    for end in SAVED:
        shutil.copy("a.png", f"a.png{end}")
    assert read(".") == ["a.png", "b.png"]
    assert read("a.png", "a.png.seen.png", "a.png.boxes.png", "b.png") == ["a.png", "b.png"]
    assert read("b.png", "a.png.seen.png") == ["b.png", "a.png.seen.png"]


def test_rows_before_a_bad_one_are_not_lost(place: Path) -> None:
    write_csv(Path("rows.csv"), np.tile(DIGITS.reshape(-1, 784), (CHUNK_ROWS // 60 + 1, 1)))
    with Path("rows.csv").open("a") as file:
        file.write("1,2,3\n")
    *rows, fault, last = read("rows.csv", "a.png")
    assert rows == ["rows.csv"] * CHUNK_ROWS
    assert fault.startswith("error: rows.csv")
    assert last == "a.png"


def test_another_form_of_csv_file_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(Path("rows.csv"), DIGITS[:2].reshape(-1, 784))
    Path("rows.csv").write_text(Path("rows.csv").read_text().partition("\n")[2])
    assert read("rows.csv") == ["rows.csv"] * 2
    assert capsys.readouterr().err.startswith("rows.csv: read as")


def test_batches_hold_few_pictures_or_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Input(BLANK, Path("a.csv"), row) for row in range(1, 2 * ROWS + 6)]
    others: list[Input | Fault] = [Input(BLANK, Path("a.png")), InputError("no")]
    for items, sizes in ((rows, [ROWS, ROWS, 5]), (others * PICTURES, [PICTURES] * 2)):
        assert [len(batch) for batch in collect_batches(items)] == sizes
    monkeypatch.setenv(VARIABLE, "tcp://127.0.0.1:1")  # a cluster divides more between its workers
    assert [len(batch) for batch in collect_batches(rows)] == [len(rows)]
