"""Reading what is asked about: nothing that fails keeps the rest from being read."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages import questions as module
from stages.dataset import write_csv
from stages.errors import InputError, as_line
from stages.questions import PICTURES, ROWS, Fault, Question, batches, questions
from tests.conftest import Pixels
from tests.test_ink import IMAGES

BLANK = np.zeros((28, 28), np.uint8)


@pytest.fixture
def place(in_tmp: Path) -> Path:
    for name in ("a.png", "b.png"):
        Image.fromarray(IMAGES[0]).save(name)
    return in_tmp


def asked(*names: str, seen: bool = False) -> list[str]:
    """What is read, by name, and what is said of the rest."""
    found = questions([Path(name) for name in names], seen=seen)
    return [str(one.path) if isinstance(one, Question) else as_line(one) for one in found]


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "y" * 300 + ".csv", "z" * 5000])
def test_a_name_that_cannot_be_hides_nothing(place: Path, name: str) -> None:
    first, fault, last = asked("a.png", name, "b.png")
    assert (first, last) == ("a.png", "b.png")
    assert fault.startswith(f"error: {name}: File name too long; give a shorter name")


def test_a_folder_that_cannot_be_listed_hides_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("locked").mkdir()

    def refuse(path: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied", str(path))  # root may list everything

    monkeypatch.setattr(Path, "iterdir", refuse)
    fault = "error: locked: Permission denied; allow it and run it again"
    assert asked("a.png", "locked", "b.png") == ["a.png", fault, "b.png"]


def test_a_picture_is_answered_though_what_is_seen_cannot_be_written(place: Path) -> None:
    name = "x" * 245 + ".png"
    Image.fromarray(IMAGES[0]).save(name)
    first, long, fault, last = asked("a.png", name, "b.png", seen=True)
    assert (first, long, last) == ("a.png", name, "b.png")
    assert "File name too long" in fault
    assert {path.name for path in Path().glob("*.seen.png")} == {
        "a.png.seen.png",
        "b.png.seen.png",
    }


def test_a_read_only_folder_hides_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(module, "new_file", refuse)
    fault = "error: a.png.seen.png: Read-only file system; allow writing and run it again"
    assert asked("a.png", seen=True) == ["a.png", fault]


def test_what_was_seen_is_left_out_unless_it_is_asked_about_alone(place: Path) -> None:
    asked("a.png", seen=True)
    assert asked(".") == ["a.png", "b.png"]
    assert asked("a.png", "a.png.seen.png", "b.png") == ["a.png", "b.png"]
    assert asked("a.png.seen.png") == ["a.png.seen.png"]
    assert asked("b.png", "a.png.seen.png") == ["b.png", "a.png.seen.png"]


def test_pictures_are_read_only_as_far_as_they_are_answered(place: Path) -> None:
    read = []

    def reading() -> Iterator[Question]:
        for number in range(100):
            read.append(number)
            yield Question(BLANK, Path("a.png"))

    assert len(next(batches(reading()))) == len(read) == PICTURES


@pytest.mark.parametrize(
    ("one", "sizes"),
    [
        (lambda number: Question(BLANK, Path("a.png")), [PICTURES] * 312 + [16]),
        (lambda number: InputError("no"), [PICTURES] * 312 + [16]),
        (
            lambda number: Question(BLANK, Path("a.csv"), number + 1),
            [ROWS, ROWS, 10_000 - 2 * ROWS],
        ),
    ],
)
def test_batches_hold_few_pictures_or_many_rows(
    one: Callable[[int], Question | Fault], sizes: list[int]
) -> None:
    assert [len(batch) for batch in batches(map(one, range(10_000)))] == sizes


def test_rows_before_a_bad_one_are_not_lost(place: Path, digits: tuple[Pixels, Pixels]) -> None:
    write_csv(Path("rows.csv"), digits[0][:3])
    with Path("rows.csv").open("a") as file:
        file.write("1,2,3\n")
    assert asked("rows.csv", "a.png")[-1] == "a.png"
    assert any(said.startswith("error: rows.csv") for said in asked("rows.csv"))
