"""A folder of pictures: its order and labels, and what is refused in one line."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.formats.task import CLASSES
from stages.sources import images
from tests.support.clone import set_params
from tests.support.workplace import Workplace

SOURCE = Path("data/sources/mine")


def save(path: Path, level: int = 9, mode: str = "L", size: tuple[int, int] = (28, 28)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, level).convert(mode).save(path)


@pytest.fixture
def place(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """Two pictures of each class, whose level of grey is 10 * class + place, and three others."""
    for label, name in enumerate(CLASSES):
        save(SOURCE / name / "b.png", 10 * label + 2)
        save(SOURCE / name / "a.png", 10 * label + 1, mode="RGB")
    for number in (30, 10, 20):
        save(SOURCE / "test" / f"{number}.bmp", number)
    (SOURCE / "README.md").write_text("card")
    (SOURCE / "test" / ".hidden").write_text("x")
    set_params(Path("params.yaml"), {"data.source": "mine"})
    return Workplace(in_tmp, capsys)


def test_the_pictures_become_rows_in_the_order_of_class_and_name(place: Workplace) -> None:
    assert place.run("fetch") == (0, "")
    rows = {}
    for name in ("train", "test"):
        with Path(f"data/raw/{name}.csv").open() as file:
            rows[name] = np.array(list(csv.reader(file))[1:], np.uint8)
    assert rows["train"].shape == (20, 785)
    assert rows["train"][:, 0].tolist() == np.repeat(range(10), 2).tolist()
    levels = [10 * label + number for label in range(10) for number in (1, 2)]
    np.testing.assert_array_equal(rows["train"][:, 1:], np.tile(levels, (784, 1)).T)
    assert rows["test"][:, 5].tolist() == [10, 20, 30]


def test_colours_are_kept_where_images_have_three_channels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "SHAPE", (20, 24, 3))
    Image.new("P", (24, 20)).save(tmp_path / "a.png")
    Image.new("RGB", (24, 20), (1, 2, 3)).save(tmp_path / "b.png")
    read = images.read_folder(tmp_path)
    assert read.shape == (2, 20, 24, 3)
    assert read[1, 19, 23].tolist() == [1, 2, 3]


def remove(name: str, keep: bool = False) -> None:
    for path in (SOURCE / name).iterdir():
        path.unlink()
    if not keep:
        (SOURCE / name).rmdir()


BAD: dict[str, tuple[Callable[[], object], str, str]] = {
    "no class": (lambda: remove("7"), "mine/7: ", "no such folder; expected one for each of CLASS"),
    "no test": (lambda: remove("test"), "mine/test: ", "no such folder"),
    "unknown": (lambda: save(SOURCE / "ten" / "a.png"), "mine/ten: ", "no such class; expected 0,"),
    "empty": (lambda: remove("3", keep=True), "mine/3: ", "no pictures; expected"),
    "size": (
        lambda: save(SOURCE / "3/c.png", size=(28, 30)),
        "mine/3/c.png: 28 x 30 pixels; expected 28 x 28: resize it",
        "ImageOps.fit(image, (28, 28))",
    ),
    "16 bits": (lambda: save(SOURCE / "3/c.png", mode="I;16"), "mine/3/c.png: ", "8 bits a chan"),
    "text": (lambda: (SOURCE / "3/c.png").write_text("x"), "mine/3/c.png: ", "not a whole PNG"),
    "cut": (
        lambda: (SOURCE / "3/a.png").write_bytes((SOURCE / "3/a.png").read_bytes()[:-30]),
        "mine/3/a.png: ",
        "not a whole PNG, JPEG or BMP picture",
    ),
    "folder": (lambda: (SOURCE / "test/more").mkdir(), "mine/test/more: ", "not a whole PNG"),
}


@pytest.mark.parametrize(("spoil", "start", "expected"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named(
    place: Workplace, spoil: Callable[[], object], start: str, expected: str
) -> None:
    spoil()
    place.refuses("fetch", f"error: data/sources/{start}", expected)


def test_a_folder_beside_csv_files_is_ignored(place: Workplace) -> None:
    for name in ("train.csv", "test.csv"):
        (SOURCE / name).write_text("x")
    assert place.run("fetch") == (0, "")
    assert Path("data/raw/train.csv").read_text() == "x"
