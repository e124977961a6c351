"""Finding what may be a digit: what may change about the picture, and what is no digit."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from stages.harness.errors import InputError
from tests.support.drawings import ALIKE, BACKGROUND, DIGITS, SOME, correlation, draw, rows
from tests.support.finding import find_digit
from tools.recognize.frame import DIGIT_SIZE
from tools.recognize.images import Grey, bounding_box
from tools.recognize.refusal import check_digits

Generator = np.random.Generator


def test_an_image_of_mnist_is_not_changed() -> None:
    for digit in DIGITS[:10]:
        np.testing.assert_array_equal(find_digit(digit), digit)
        np.testing.assert_array_equal(find_digit(255 - digit), digit)


def light(picture: Grey, generator: Generator) -> Grey:
    """Lights a picture from a corner, and adds noise."""
    right, bottom = (np.linspace(generator.uniform(0.3, 1), 1, side) for side in picture.shape)
    noisy = picture * right * bottom[:, None] + generator.normal(0, 5, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def move(picture: Grey, generator: Generator) -> Grey:
    large = np.full((620, 800), BACKGROUND, np.uint8)
    top, left = generator.integers(0, 300), generator.integers(0, 500)
    large[top : top + len(picture), left : left + len(picture)] = picture
    return large


def speckle(picture: Grey, _: Generator) -> Grey:
    for y, x in ((20, 20), (30, 350), (380, 200), (200, 15)):
        picture[y : y + 7, x : x + 7] = 20
    return picture


CHANGES: dict[str, Callable[[int, Generator], Grey]] = {
    "size": lambda row, generator: draw(row, int(generator.integers(60, 600))),
    "whole factor": lambda row, generator: np.kron(
        draw(row, 140), np.ones((generator.integers(2, 5),) * 2, np.uint8)
    ),
    "light on dark": lambda row, _: 255 - draw(row),
    "light and noise": lambda row, generator: light(draw(row, margin=60), generator),
    "place": lambda row, generator: move(draw(row), generator),
    "specks": lambda row, generator: speckle(draw(row, margin=60), generator),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@SOME
@given(row=rows, seed=st.integers(0, 2**32 - 1))
def test_a_digit_is_found_and_framed(
    change: Callable[[int, Generator], Grey], row: int, seed: int
) -> None:
    image = find_digit(change(row, np.random.default_rng(seed)))
    assert max(image[bounding_box(image > 0)].shape) == DIGIT_SIZE
    assert correlation(image, find_digit(draw(row))) > ALIKE


def test_a_detached_bar_belongs_to_its_digit() -> None:
    five = np.full((300, 300), BACKGROUND, np.uint8)
    five[95:160, 110:130] = five[140:160, 110:190] = 30
    five[140:240, 170:190] = five[220:240, 110:190] = 30
    without = five.copy()
    five[60:80, 130:200] = 30  # its bar
    assert find_digit(five)[4:7].any()
    assert correlation(find_digit(five), find_digit(without)) < ALIKE


def test_parts_far_apart_are_one_digit_if_there_is_no_room_for_two() -> None:
    five = np.zeros((28, 28), np.uint8)
    five[12:14, 8:18] = five[12:24, 16:18] = five[22:24, 8:18] = 255
    five[5:8, 8:20] = 255  # its bar
    assert find_digit(five)[4:7].any()
    large = np.kron(five, np.ones((8, 8), np.uint8))
    assert correlation(find_digit(five), find_digit(large)) < ALIKE  # a dash above a digit


def test_a_thin_pen_is_drawn_as_thick_as_mnist() -> None:
    picture = np.full((400, 400), BACKGROUND, np.uint8)
    picture[50:350, 200] = 30
    assert find_digit(picture).sum() > 20 * 255 * 1.5  # a line of 20 pixels, wider than one


RANDOM = np.random.default_rng(0)
NOISE = RANDOM.integers(0, 256, (300, 300)).astype(np.uint8)
RAMP = np.arange(256, dtype=np.uint8)
NO_DIGIT: dict[str, Grey] = {
    "white": np.full((300, 200), 255, np.uint8),
    "black": np.zeros((28, 28), np.uint8),
    "a pixel": np.zeros((1, 1), np.uint8),
    "a line": np.full((1, 900), 200, np.uint8),
    "a line with a dash": np.where(np.arange(900) // 80 == 5, 0, 200).astype(np.uint8)[None],
    "noise": NOISE,
    "blurred noise": ndimage.gaussian_filter(NOISE, 3),
    "grain": np.clip(RANDOM.normal(200, 10, (900, 1200)), 0, 255).astype(np.uint8),
    "gradient": np.tile(RAMP, (200, 1)),
    "vignette": (255 - np.hypot(*np.mgrid[-150:150, -200:200]) ** 2 / 300).astype(np.uint8),
    "square": np.pad(np.full((100, 100), 30, np.uint8), 100, constant_values=BACKGROUND),
    "half and half": np.tile(np.repeat(np.array([90, 230], np.uint8), 150), (300, 1)),
}


@pytest.mark.parametrize("picture", NO_DIGIT.values(), ids=NO_DIGIT)
def test_what_is_no_digit_is_refused(picture: Grey) -> None:
    with pytest.raises(InputError, match="no digit found: "):
        check_digits([find_digit(picture)])


@pytest.mark.parametrize("stack", [np.hstack, np.vstack])
def test_several_digits_are_several(stack: Callable[..., Grey]) -> None:
    with pytest.raises(InputError, match="no digit found: several are"):
        find_digit(stack([draw(4), draw(2)]))


@SOME
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.integers(2, 256))
def test_any_picture_gives_a_digit_or_is_refused(
    height: int, width: int, seed: int, levels: int
) -> None:
    picture = np.random.default_rng(seed).integers(0, levels, (height, width)).astype(np.uint8)
    try:
        image = find_digit(picture)
    except InputError as error:
        assert "found" in str(error)
    else:
        assert image.shape == (28, 28)
        assert image.dtype == np.uint8
        assert image.any()
