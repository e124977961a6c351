"""Reading digits: what may change about a picture, and rows in order."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.neighbors import KNeighborsClassifier

from stages.classifiers.features import extract_features
from stages.formats.prepared import to_images
from stages.harness.errors import InputError
from tests.support.finding import BACKGROUND, DIGITS, LABELS, STROKE, draw, find_digit, predict
from tests.support.samples import mnist
from tools.recognize.images import Grey, bounding_box
from tools.recognize.pictures import read_picture
from tools.recognize.reading import Found, read_pictures

RANDOM = np.random.default_rng(0)
Change = Callable[[Grey], Grey]


def spell(found: Found | InputError) -> str:
    if isinstance(found, InputError):
        return str(found)
    return "/".join("".join(str(it.probabilities.argmax()) for it in row) for row in found.rows)


def name(*rows: tuple[int, ...]) -> str:
    return "/".join("".join(str(LABELS[row]) for row in line) for line in rows)


def pad(picture: Grey, width: int, level: int = BACKGROUND) -> Grey:
    return np.pad(picture, width, constant_values=level)


def light(picture: Grey) -> Grey:
    right, bottom = (np.linspace(0.4, 1, side) for side in picture.shape)
    noisy = picture * right * bottom[:, None] + RANDOM.normal(0, 5, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def fade(picture: Grey) -> Grey:
    """Draws the lower strokes with less pressure."""
    pressure = np.linspace(1, 0.35, len(picture))[:, None]
    return (BACKGROUND - (BACKGROUND - picture.astype(float)) * pressure).astype(np.uint8)


def lay_on_table(sheet: Grey, table: int) -> Grey:
    image = Image.fromarray(pad(sheet, 150, table))
    turned = np.asarray(image.rotate(6, Image.Resampling.BICUBIC, fillcolor=table))
    noise = np.random.default_rng(1).normal(0, 4, turned.shape)
    return np.asarray(np.clip(turned + noise, 0, 255), np.uint8)


def draw_box(picture: Grey) -> Grey:
    return pad(pad(picture, 6, STROKE), 174)


OF_ONE: dict[str, Change] = {  # of a drawing of 340 pixels
    "as it is": lambda picture: picture,
    "small": lambda picture: picture[::5, ::5],
    "large": lambda picture: np.kron(picture, np.ones((3, 3), np.uint8)),
    "light on dark": lambda picture: 255 - picture,
    "light and noise": light,
    "fading": fade,
    "place": lambda picture: np.pad(picture, ((40, 300), (500, 20)), constant_values=BACKGROUND),
    "on a dark table": lambda picture: lay_on_table(picture, 20),
    "on a light table": lambda picture: lay_on_table(picture, 160),
    "dark sheet": lambda picture: lay_on_table((picture // 2).clip(40, 150), 240),
    "box": lambda picture: lay_on_table(draw_box(picture), BACKGROUND),
    "box on a sheet": lambda picture: lay_on_table(draw_box(picture), 60),
    "part of a sheet": lambda picture: lay_on_table(picture, 60)[:-190, 190:],
}


@pytest.mark.parametrize("change", OF_ONE.values(), ids=OF_ONE)
def test_one_digit_is_read(change: Change) -> None:
    pictures = [change(pad(draw(row), 30)) for row in (1, 4, 7)]
    assert list(map(spell, read_pictures(pictures, predict))) == [name((it,)) for it in (1, 4, 7)]


def test_an_image_of_mnist_is_not_changed() -> None:
    for digit in DIGITS[:10]:
        np.testing.assert_array_equal(find_digit(digit), digit)
        np.testing.assert_array_equal(find_digit(255 - digit), digit)


ROWS = (0, 1, 2, 3), (4, 5, 6, 7)  # of drawings, of 100 pixels each
SHEET = pad(np.vstack([np.hstack([draw(row, 100) for row in line]) for line in ROWS]), 50)


def fill(boxes: list[tuple[slice, slice]], level: int = STROKE) -> Grey:
    picture = SHEET.copy()
    for box in boxes:
        picture[box] = level
    return picture


def rotate(picture: Grey) -> Grey:
    image = Image.fromarray(picture)
    return np.asarray(image.rotate(-4, Image.Resampling.BICUBIC, expand=True, fillcolor=BACKGROUND))


RULES = [(slice(y, y + 3), slice(None)) for y in (12, 160, 275)]
DIRT = [(slice(y, y + 8), slice(x, x + 8)) for y, x in ((20, 30), (160, 440), (280, 200))]
TABLE = [(slice(50, 252), slice(x - 2, x + 2)) for x in range(50, 460, 100)]
TABLE += [(slice(y, y + 3), slice(48, 452)) for y in (50, 142, 242)]  # they touch a 9
SHEETS = {
    "as it is": SHEET,
    "small": pad(SHEET, 400),
    "light on dark": 255 - SHEET,
    "ruled": fill(RULES, 60),
    "dirt": fill(DIRT),
    "in a drawn table": fill(TABLE),
    "sloping, ruled": rotate(fill(RULES, 60)),
    "on a table": pad(SHEET, 80, 60),
}


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_a_sheet_is_read_in_order(sheet: Grey) -> None:
    (rows,) = read_pictures([sheet], predict)
    assert spell(rows) == name(*ROWS)


@pytest.mark.parametrize("turns", [0, 1, 3], ids=["upright", "left", "right"])
def test_places_are_where_the_digits_are(turns: int) -> None:
    turned = np.rot90(SHEET, turns)
    (found,) = read_pictures([turned], predict)
    assert not isinstance(found, InputError)
    for (line, column), digit in zip(
        np.ndindex(2, 4), [*found.rows[0], *found.rows[1]], strict=True
    ):
        left, top, width, height = map(round, digit.place)
        mask = np.zeros(turned.shape, bool)
        mask[top : top + height, left : left + width] = True
        y, x = 50 + 100 * line, 50 + 100 * column
        ink = bounding_box(SHEET[y : y + 100, x : x + 100] < 128)
        shown = bounding_box(np.rot90(mask, -turns)[y : y + 100, x : x + 100])
        for place, expected in zip(shown, ink, strict=True):
            assert abs(place.start - expected.start) < 4
            assert abs(place.stop - expected.stop) < 4


def test_pictures_are_classified_together_and_touching_digits_are_cut() -> None:
    calls = []

    def count(images: np.ndarray) -> np.ndarray:
        calls.append(len(images))
        return predict(images)

    first, second = draw(1, 140), draw(2, 140)
    left = first[:, : bounding_box(first < 128)[1].stop]
    right = second[:, bounding_box(second < 128)[1].start :]
    both = np.hstack([left[:, :-3], np.minimum(left[:, -3:], right[:, :3]), right[:, 3:]])
    pictures = [SHEET, draw(3), np.full((90, 90), 200, np.uint8), pad(both, 60)]
    sheet, one, blank, touching = map(spell, read_pictures(pictures, count))
    assert (sheet, one, touching) == (name(*ROWS), name((3,)), name((1, 2)))
    assert blank == "no digit found: nothing that stands out looks like one"
    assert len(calls) == 1


FLOOR = 60 / 69  # 63 were read with the neighbours of 5,000 digits, which are not the best


@pytest.mark.skipif("DIGIT_PICTURES_ZIP" not in os.environ, reason="DIGIT_PICTURES_ZIP not set")
def test_real_pictures_which_are_not_published_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(os.environ["DIGIT_PICTURES_ZIP"]) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "pictures"
    table = pd.read_csv(folder / "labels.csv", dtype=str, keep_default_na=False)
    table = table[table["digits"].str.len() == 1][::8]
    pixels, labels = mnist()
    model = KNeighborsClassifier(5, weights="distance")
    model.fit(extract_features(to_images(pixels), False, 8, 7), labels)

    def predict(images: np.ndarray) -> np.ndarray:
        return np.asarray(model.predict_proba(extract_features(images, False, 8, 7)))

    pictures = [read_picture(folder / file).pixels for file in table["file"]]
    texts = np.array(list(map(spell, read_pictures(pictures, predict))))
    assert np.mean(texts == table["digits"]) >= FLOOR
