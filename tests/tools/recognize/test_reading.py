"""Reading several digits: rows in order, what belongs together, what is cut, what is no digit."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from stages.harness.errors import InputError
from tests.support.drawings import BACKGROUND, STROKE, draw
from tests.support.reader import LABELS, predict
from tools.recognize.images import Grey, bounding_box
from tools.recognize.reading import Rows, read_pictures

SHEET = ((0, 1, 2, 3), (4, 5, 6, 7))  # rows of drawings


def write(rows: tuple[tuple[int, ...], ...], side: int = 100) -> Grey:
    """Draws digits side by side in rows."""
    sheet = np.vstack([np.hstack([draw(row, side) for row in line]) for line in rows])
    return np.pad(sheet, side // 2, constant_values=BACKGROUND)


def name(rows: tuple[tuple[int, ...], ...]) -> str:
    return "/".join("".join(str(LABELS[row]) for row in line) for line in rows)


def read(picture: Grey) -> Rows:
    (rows,) = read_pictures([picture], predict)
    assert not isinstance(rows, InputError), rows
    return rows


def spell(rows: Rows) -> str:
    return "/".join("".join(str(it.probabilities.argmax()) for it in row) for row in rows)


def rule(picture: Grey) -> Grey:
    ruled = picture.copy()
    for y in (12, 160, 275):
        ruled[y : y + 3] = 60
    return ruled


def soil(picture: Grey) -> Grey:
    soiled = picture.copy()
    for y, x in ((20, 30), (160, 440), (280, 200)):
        soiled[y : y + 8, x : x + 8] = STROKE
    return soiled


def rotate(picture: Grey) -> Grey:
    image = Image.fromarray(picture)
    return np.asarray(image.rotate(-4, Image.Resampling.BICUBIC, expand=True, fillcolor=BACKGROUND))


CHANGES: dict[str, Callable[[Grey], Grey]] = {
    "as it is": lambda picture: picture,
    "small": lambda picture: np.pad(picture, 400, constant_values=BACKGROUND),
    "light on dark": lambda picture: 255 - picture,
    "ruled": rule,
    "dirt": soil,
    "sloping": rotate,
    "on a table": lambda picture: np.pad(picture, 80, constant_values=60),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_sheet_is_read_in_order(change: Callable[[Grey], Grey]) -> None:
    assert spell(read(change(write(SHEET)))) == name(SHEET)


@pytest.mark.parametrize("turns", [0, 1, 3], ids=["upright", "left", "right"])
def test_boxes_are_where_the_digits_are(turns: int) -> None:
    sheet = write(SHEET)
    rows = read(np.rot90(sheet, turns))
    assert spell(rows) == name(SHEET)
    for line, row in enumerate(rows):
        for column, digit in enumerate(row):
            left, top, width, height = digit.place
            mask = np.zeros(np.rot90(sheet, turns).shape, bool)
            mask[round(top) : round(top + height), round(left) : round(left + width)] = True
            box = bounding_box(np.rot90(mask, -turns))
            ink = sheet[50 + 100 * line : 150 + 100 * line, 50 + 100 * column : 150 + 100 * column]
            expected = bounding_box(ink < 128)
            for place, true, start in zip(box, expected, (100 * line, 100 * column), strict=True):
                assert abs(place.start - 50 - start - true.start) < 4
                assert abs(place.stop - 50 - start - true.stop) < 4


def test_pictures_are_classified_together() -> None:
    calls = []

    def count(images: np.ndarray) -> np.ndarray:
        calls.append(len(images))
        return predict(images)

    pictures = [write(SHEET), draw(3), np.full((90, 90), 200, np.uint8), write(((5, 6, 8),))]
    *read_ones, blank, last = read_pictures(pictures, count)
    assert isinstance(blank, InputError)
    texts = [spell(rows) for rows in (*read_ones, last) if not isinstance(rows, InputError)]
    assert texts == [name(SHEET), name(((3,),)), name(((5, 6, 8),))]
    assert len(calls) == 1


def test_touching_digits_are_cut() -> None:
    first, second = (draw(row, 140) for row in (1, 2))
    ink = [bounding_box(digit < 128) for digit in (first, second)]
    left, right = first[:, : ink[0][1].stop], second[:, ink[1][1].start :]
    overlap = 3
    both = np.hstack([left[:, :-overlap], np.minimum(left[:, -overlap:], right[:, :overlap]),
                      right[:, overlap:]])  # fmt: skip
    assert spell(read(np.pad(both, 60, constant_values=BACKGROUND))) == name(((1, 2),))


def test_a_drawn_table_is_no_digit() -> None:
    sheet = write(SHEET)
    for start in range(50, 460, 100):
        sheet[50:250, start - 2 : start + 2] = STROKE
    for start in (50, 150, 248):
        sheet[start : start + 3, 50:452] = STROKE
    assert spell(read(sheet)) == name(SHEET)


def test_what_is_no_digit_is_refused() -> None:
    bar = np.pad(np.full((6, 300), STROKE, np.uint8), 50, constant_values=BACKGROUND)
    square = np.pad(np.full((100, 100), STROKE, np.uint8), 100, constant_values=BACKGROUND)
    for rows in read_pictures([bar, square], predict):
        assert isinstance(rows, InputError)
        assert str(rows).startswith("no digit found: ")
