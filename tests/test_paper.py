"""Finding the paper that a digit is on: what is cut out, and what is left as it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from stages.errors import InputError
from stages.frame import Grey
from stages.ink import digit
from stages.paper import inside
from tests.test_ink import IMAGES, alike, drawn, rows

FEW = settings(max_examples=4, deadline=None, derandomize=True)


def on_table(sheet: Grey, table: int, angle: float = 6) -> Grey:
    """A sheet that lies askew, with noise over all."""
    image = Image.fromarray(np.pad(sheet, 150, constant_values=table))
    turned = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=table)
    values = np.asarray(turned, np.float64)
    values += np.random.default_rng(1).normal(0, 4, values.shape)
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def in_box(row: int, colour: int = 30) -> Grey:
    picture = Image.fromarray(np.pad(drawn(row), 200, constant_values=230))
    ImageDraw.Draw(picture).rectangle((180, 180, 500, 500), outline=colour, width=6)
    return np.asarray(picture)


@FEW
@given(rows, st.sampled_from([20, 60, 130, 160]), st.booleans())
def test_a_digit_on_a_sheet_on_a_table_is_found(row: int, table: int, inverted: bool) -> None:
    picture = on_table(np.pad(drawn(row), 30, constant_values=230), table)
    found = digit(255 - picture if inverted else picture)
    assert alike(found, digit(on_table(drawn(row), 230))) > 0.9


@FEW
@given(rows)
def test_a_dark_digit_on_dark_paper_on_a_light_table_is_found(row: int) -> None:
    paper = np.where(np.pad(drawn(row), 30, constant_values=230) > 100, 150, 40)
    assert (
        alike(digit(on_table(paper.astype(np.uint8), 240)), digit(on_table(drawn(row), 230))) > 0.9
    )


@FEW
@given(rows, st.sampled_from([30, 130]))
def test_a_digit_in_a_box_is_found(row: int, colour: int) -> None:
    assert alike(digit(in_box(row, colour)), digit(drawn(row))) > 0.9


@FEW
@given(rows)
def test_a_digit_in_a_box_on_a_sheet_on_a_table_is_found(row: int) -> None:
    found = digit(on_table(in_box(row), 60))
    assert alike(found, digit(on_table(drawn(row), 230))) > 0.9


@FEW
@given(rows, st.booleans(), st.booleans())
def test_a_sheet_may_reach_beyond_the_picture(row: int, top: bool, left: bool) -> None:
    picture = on_table(np.pad(drawn(row), 40, constant_values=230), 60)
    part = picture[190 * top : None if top else -190, 190 * left : None if left else -190]
    assert alike(digit(part), digit(on_table(drawn(row), 230))) > 0.9


def test_the_lines_of_ruled_paper_cut_nothing_out() -> None:
    picture = np.pad(drawn(1), 60, constant_values=230)
    picture[30::75] = 120
    assert inside(picture) is None


def test_what_is_cut_out_holds_no_table() -> None:
    cut = inside(on_table(np.pad(drawn(0), 30, constant_values=230), 130))
    assert cut is not None
    assert 300 < len(cut) < 400
    assert not ((cut > 80) & (cut < 180))[:20].any()


@pytest.mark.parametrize("size", [28, 90, 280])
def test_a_digit_is_no_sheet(size: int) -> None:
    for row in range(0, len(IMAGES), 2):
        for stroke in (60, 160):  # of a 0, as wide as can be, and thin
            picture = np.array(Image.fromarray(IMAGES[row]).resize((size, size)))
            assert inside(np.where(picture > stroke, 30, 230).astype(np.uint8)) is None


@pytest.mark.parametrize("table", [0, 60, 160, 255])
def test_a_blank_sheet_is_no_digit(table: int) -> None:
    picture = on_table(np.full((250, 300), 210, np.uint8), table)
    assert inside(picture) is None
    with pytest.raises(InputError, match="no digit found"):
        digit(picture)
