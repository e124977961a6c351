"""Finding the sheet that a digit is on: what is cut out, and what is left as it is."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from stages.harness.errors import InputError
from tests.support.drawings import ALIKE, BACKGROUND, SOME, correlation, draw, rows
from tests.support.finding import find_digit
from tools.recognize.images import Grey
from tools.recognize.sheet import find_sheet


def lay_on_table(sheet: Grey, table: int) -> Grey:
    """Lays a sheet askew, and adds noise."""
    image = Image.fromarray(np.pad(sheet, 150, constant_values=table))
    turned = np.asarray(image.rotate(6, Image.Resampling.BICUBIC, fillcolor=table))
    noise = np.random.default_rng(1).normal(0, 4, turned.shape)
    return np.asarray(np.clip(turned + noise, 0, 255), np.uint8)


def draw_in_box(row: int, colour: int) -> Grey:
    picture = Image.fromarray(draw(row, margin=200))
    ImageDraw.Draw(picture).rectangle((180, 180, 500, 500), outline=colour, width=6)
    return np.asarray(picture)


@cache
def find_askew(row: int) -> Grey:
    """Finds a digit on a sheet that fills the picture."""
    return find_digit(lay_on_table(draw(row), BACKGROUND))


SHEETS: dict[str, Callable[[int, int], Grey]] = {
    "sheet on a table": lambda row, table: lay_on_table(draw(row, margin=30), table),
    "sheet, inverted": lambda row, table: 255 - lay_on_table(draw(row, margin=30), table),
    "dark sheet": lambda row, _: lay_on_table((draw(row, margin=30) // 2).clip(40, 150), 240),
    "box": lambda row, table: lay_on_table(draw_in_box(row, min(table, 130)), BACKGROUND),
    "box on a sheet": lambda row, _: lay_on_table(draw_in_box(row, 30), 60),
    "right part": lambda row, _: lay_on_table(draw(row, margin=40), 60)[:-190, 190:],
    "left part": lambda row, _: lay_on_table(draw(row, margin=40), 60)[190:, :-190],
}


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
@SOME
@given(row=rows, table=st.sampled_from([20, 60, 130, 160]))
def test_a_digit_on_a_sheet_is_found(
    sheet: Callable[[int, int], Grey], row: int, table: int
) -> None:
    assert correlation(find_digit(sheet(row, table)), find_askew(row)) > ALIKE


def test_the_lines_of_ruled_paper_cut_nothing_out() -> None:
    picture = draw(1, margin=60)
    picture[30::75] = 120
    assert find_sheet(picture) is None


def test_the_table_is_cut_off() -> None:
    found = find_sheet(lay_on_table(draw(0, margin=30), 130))
    assert found is not None
    sheet = found.picture
    assert 130 < found.top < 160  # its highest corner is at 133
    assert 130 < found.left < 160
    assert 300 < len(sheet) < 400
    assert not ((sheet > 80) & (sheet < 180))[:20].any()


@pytest.mark.parametrize("size", [28, 280])
@pytest.mark.parametrize("level", [60, 160])  # thick strokes and thin ones
def test_a_digit_is_no_sheet(size: int, level: int) -> None:
    for row in range(10):
        assert find_sheet(draw(row, size, level=level)) is None


@pytest.mark.parametrize("table", [0, 160, 255])
def test_a_blank_sheet_is_no_digit(table: int) -> None:
    picture = lay_on_table(np.full((250, 300), 210, np.uint8), table)
    assert find_sheet(picture) is None
    with pytest.raises(InputError, match="no digit found"):
        find_digit(picture)
