"""A folder of pictures: its order, labels and groups, and what is rejected in one line."""

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from stages.formats.pictures import measure, read_picture
from stages.formats.prepared import open_array
from stages.formats.task import Task, read_task
from stages.harness import paths
from tests.support.clone import set_params
from tests.support.workplace import Workplace

SOURCE = Path("data/sources/mine")
PICTURE = SOURCE / "b" / "1.png"


def save(name: str, level: Any = 9, mode: str = "L", size: tuple[int, int] = (6, 4)) -> None:
    path = SOURCE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, level).save(path)


@pytest.fixture
def place(place: Workplace) -> Workplace:
    set_params(paths.PARAMS, {"data.source": "mine"})
    (SOURCE / ".hidden").mkdir(parents=True)
    (SOURCE / "README.md").touch()
    return place


# Pictures, `data.groups`, and the rows of both parts: file, label, and the group unless alone.
FOLDERS: dict[str, tuple[str, str | None, str, str]] = {
    "no test": ("é/3 a/2 a/10 NA/1", None, "NA/1 0, a/10 1, a/2 1, é/3 2", ""),
    "test": ("b/1 a/1 test/3 test/2", None, "a/1 0, b/1 1", "test/2, test/3"),
    "test of classes": ("b/1 a/1 test/b/1", None, "a/1 0, b/1 1", "test/b/1 1"),
    "both": ("train/b/1 train/a/1 test/b/1", None, "train/a/1 0, train/b/1 1", "test/b/1 1"),
    "folders": ("a/2 a/x/1 b/x/3", None, "a/2 0, a/x/1 0 x, b/x/3 1 x", ""),
    "two": ("a/1x a/2y b/1z", r"(\d)(.)", "a/1x 0 1, a/2y 0 2, b/1z 1 1", ""),
    "groups": ("a/1x a/2y b/c/3x", r"\d(.)", "a/1x 0 x, a/2y 0 y, b/c/3x 1 x", ""),
}


@pytest.mark.parametrize(("files", "groups", "train", "test"), FOLDERS.values(), ids=FOLDERS)
def test_the_pictures_become_rows_in_the_order_of_class_and_name(
    place: Workplace, files: str, groups: str | None, train: str, test: str
) -> None:
    levels = {f"{name}.png": 7 * level for level, name in enumerate(files.split(), 1)}
    for name, level in levels.items():
        save(name, level)
    for name in (".b.png", "1.png.dvc"):
        (SOURCE / files.split()[0]).with_name(name).touch()
    set_params(paths.PARAMS, {"data.groups": groups})
    for stage in ("fetch", "preprocess"):
        assert place.run(stage) == (0, "")
    for part, expected in (("test", test), ("train", train)):
        table = pd.read_csv(paths.RAW / f"{part}_files.csv", dtype=str, na_filter=False)
        images, labels = (np.load(paths.RAW / f"{part}{end}.npy") for end in ("", "_labels"))
        assert (images.shape[1:], labels.dtype.name) == ((4, 6, 1), "uint8")
        assert images[:, 3, 5, 0].tolist() == [levels[name] for name in table.file]
        columns = zip(table.to_numpy(), labels, strict=True)
        rows = [(name, *map(str, label), *{*group} - {name}) for (name, *group), label in columns]
        assert ", ".join(map(" ".join, rows)).replace(".png", "") == expected
    names = [*table.get("group", table.file)]
    firsts = open_array(paths.GROUPS) if paths.GROUPS.exists() else None
    assert [*(range(len(names)) if firsts is None else firsts)] == [*map(names.index, names)]
    assert paths.TEST_LABELS.exists() == ("1 1" in test)


@pytest.mark.parametrize("classes", ["0123456789", "ab"])
def test_nothing_is_said_of_pictures_that_are_not_there(place: Workplace, classes: str) -> None:
    for number, name in enumerate(classes):
        save(f"{name}/a.png", 255 - number if name in "a0" else 90 + number)
    for stage in ("fetch", "preprocess"):
        assert place.run(stage) == (0, "")
    assert not paths.DATA_WARNINGS.exists(), paths.DATA_WARNINGS.read_text()


def test_pictures_of_other_sizes_and_colours_are_made_alike(place: Workplace) -> None:
    save("a/1.png", 50)
    halves = np.array([[[0, 0, 0], [200, 100, 0]]], np.uint8).repeat(300, axis=1)
    (SOURCE / "b").mkdir()
    Image.fromarray(halves.repeat(5, axis=0)).save(SOURCE / "b" / "2.tif")
    set_params(paths.PARAMS, {"data.size": [2, 3]})
    assert place.run("fetch") == (0, "")
    assert read_task(paths.RAW) == Task(shape=(2, 3, 3), classes=("a", "b"))
    grey, coloured = np.load(paths.RAW / "train.npy")
    assert (grey == 50).all()
    np.testing.assert_allclose(coloured[1, [0, 2]], halves[0, [0, -1]], atol=20)


EXIF = Image.Exif()
EXIF[0x0112] = 6  # the camera was turned: what is left was on top
DEEP = Image.fromarray(np.array([[0x1234, 0xFFFF]], np.uint16))
RED = Image.new("RGB", (2, 1), (255, 0, 0))
PAIR = Image.fromarray(np.array([[10, 200]], np.uint8))
# A picture, its file, and what is read.
READ: list[tuple[Image.Image, str, list[list[list[int]]]]] = [
    (PAIR.convert("1", dither=Image.Dither.NONE), "1 bit.png", [[[0], [255]]]),
    (Image.merge("LA", (PAIR, PAIR)), "transparent.png", [[[10], [200]]]),
    (RED.convert("RGBA"), "transparent.webp", [[[255, 0, 0]] * 2]),
    (RED.quantize(2), "palette.bmp", [[[255, 0, 0]] * 2]),
    (DEEP, "16 bits.png", [[[0x12], [0xFF]]]),
    (DEEP, "16 bits.tiff", [[[0x12], [0xFF]]]),
    (PAIR, "turned.PNG", [[[10]], [[200]]]),
]


@pytest.mark.parametrize(("picture", "name", "expected"), READ, ids=range(len(READ)))
def test_each_kind_is_read(
    tmp_path: Path, picture: Image.Image, name: str, expected: object
) -> None:
    picture.save(tmp_path / name, lossless=True, exif=EXIF if "turned" in name else b"")
    assert read_picture(tmp_path / name, measure(tmp_path / name)).tolist() == expected


# A picture that is added, or how the folder is changed otherwise; and the line of the fault.
BAD: list[tuple[str | Callable[[], object], str]] = [
    ("train/a/c.png val/a/c.png", "val; expected the classes, or train and test: put val into"),
    ("Test/c.png", "Test, a, b; expected the classes, or train and test"),
    ("c.png", "mine/c.png: in no folder of a labelled class; move"),
    ("test/ten/c.png", "mine/test/ten/c.png: in no folder of a labelled class"),
    ("test/c.png test/a/c.png", "mine/test/c.png: in no folder of a labelled class; move"),
    (f"{'x' * 101}/c.png", "mine: classes.2: String should have at most 100 characters"),
    ("a/c\nd.png", "'a/c\\nd.png': a name that no table can hold; rename it"),
    ("a/c.gif", "mine/a/c.gif: cannot identify image file"),
    (lambda: save("a/c.tif", mode="I"), "mine/a/c.tif: mode I; expected a whole PNG"),
    (lambda: PICTURE.write_bytes(PICTURE.read_bytes()[:-30]), "mine/b/1.png: "),
    (lambda: save("a/2.png", size=(6, 5)), "mine/a/2.png has 6 x 5 pixels; expected one"),
    (lambda: (SOURCE / "x").mkdir(), "mine/x: no pictures in it, or a link to another f"),
    (lambda: (SOURCE / "x").symlink_to("a"), "mine/x: no pictures in it, or a link to another"),
    (lambda: rmtree(SOURCE / "b"), "mine: classes: Tuple should have at least 2 items"),
    (lambda: set_params(paths.PARAMS, {"data.groups": "^x"}), "1.BMP: data.groups, ^x, does not"),
    (lambda: (SOURCE / "a").rename("x") and PICTURE.parent.rename(SOURCE / "test"), "train: cl"),
]


@pytest.mark.parametrize(("spoil", "expected"), BAD)
def test_what_is_wrong(place: Workplace, spoil: str | Callable[[], object], expected: str) -> None:
    for name in ("a/1.BMP", "b/1.png"):
        save(name)
    spoil() if callable(spoil) else list(map(save, spoil.split(" ")))
    place.refuses("fetch", expected)
