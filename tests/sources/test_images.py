"""A folder of pictures: its order and labels, and what is rejected in one line."""

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import numpy as np
import pytest
from PIL import Image

from stages.formats.task import CLASSES
from stages.sources import images
from tests.support.clone import set_params
from tests.support.workplace import Workplace

SOURCE = Path("data/sources/mine")
PICTURE = SOURCE / "3" / "a.png"


def save(name: str, level: int = 9, mode: str = "L", size: tuple[int, int] = (28, 28)) -> None:
    path = SOURCE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, level).convert(mode).save(path)


@pytest.fixture
def place(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """Two pictures of each class, whose level of grey is 10 * class + place, and three others."""
    for label, name in enumerate(CLASSES):
        save(f"{name}/b.png", 10 * label + 2)
        save(f"{name}/a.png", 10 * label + 1, mode="RGB")
    for number in (30, 10, 20):
        save(f"test/{number}.bmp", number)
    (SOURCE / "README.md").write_text("card")
    (SOURCE / "test" / ".hidden").write_text("x")
    set_params(Path("params.yaml"), {"data.source": "mine"})
    return Workplace(in_tmp, capsys)


def test_the_pictures_become_rows_in_the_order_of_class_and_name(place: Workplace) -> None:
    assert place.run("fetch") == (0, "")
    train, test = (
        np.loadtxt(f"data/raw/{name}.csv", np.uint8, delimiter=",", skiprows=1)
        for name in ("train", "test")
    )
    assert train[:, 0].tolist() == np.repeat(range(10), 2).tolist()
    levels = [10 * label + number for label in range(10) for number in (1, 2)]
    np.testing.assert_array_equal(train[:, 1:], np.tile(levels, (784, 1)).T)
    assert test[:, 5].tolist() == [10, 20, 30]


def test_colours_are_kept_where_images_have_three_channels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "SHAPE", (20, 24, 3))
    Image.new("P", (24, 20)).save(tmp_path / "a.png")
    Image.new("RGB", (24, 20), (1, 2, 3)).save(tmp_path / "b.png")
    read = images.read_folder(tmp_path)
    assert read.shape == (2, 20, 24, 3)
    assert read[1, 19, 23].tolist() == [1, 2, 3]


# How the folder is changed, and the two parts of the line that names the fault.
BAD: dict[str, tuple[Callable[[], object], str, str]] = {
    "no class": (lambda: rmtree(SOURCE / "7"), "mine/7", "no such folder; expected a"),
    "unknown": (lambda: save("ten/a.png"), "mine/ten", "no such class; expected a"),
    "size": (lambda: save("3/c.png", size=(28, 30)), "3/c.png", "28 x 30 pixels; expected a whole"),
    "16 bits": (lambda: save("3/c.png", mode="I;16"), "3/c.png", "I;16; expected a whole PNG"),
    "cut": (lambda: PICTURE.write_bytes(PICTURE.read_bytes()[:-30]), "3/a.png", "a whole PNG"),
}


@pytest.mark.parametrize(("spoil", "path", "expected"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named(
    place: Workplace, spoil: Callable[[], object], path: str, expected: str
) -> None:
    spoil()
    place.refuses("fetch", "error: data/sources/mine/", f"{path}: ", expected)
