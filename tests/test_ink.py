"""Finding a digit in a picture: what may change about the picture, and what is no digit."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage
from sklearn.datasets import load_digits

from stages.errors import InputError
from stages.fetch_digits import enlarge
from stages.frame import BOX, Grey
from stages.ink import digit

IMAGES = enlarge(load_digits().images[:60]).reshape(-1, 28, 28)
SOME = settings(max_examples=10, deadline=None, derandomize=True)
rows = st.integers(0, len(IMAGES) - 1)


def scaled(image: Grey, side: int) -> Grey:
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))


def drawn(row: int, side: int = 280) -> Grey:
    """A digit with clear strokes, dark on light, its frame around it."""
    return np.where(scaled(IMAGES[row], side) > 110, 30, 230).astype(np.uint8)


def alike(first: Grey, second: Grey) -> float:
    """Gives the correlation of two images, one of them moved by a pixel if that is better."""
    moved = (np.roll(first, (y, x), (0, 1)) for y, x in np.ndindex(3, 3))
    target = np.roll(second, (1, 1), (0, 1)).ravel()
    return max(float(np.corrcoef(image.ravel(), target)[0, 1]) for image in moved)


@SOME
@given(rows, st.booleans())
def test_an_image_of_mnist_stays_as_it_is(row: int, inverted: bool) -> None:
    image = IMAGES[row]
    np.testing.assert_array_equal(digit(255 - image if inverted else image), image)


@SOME
@given(rows, st.integers(60, 600))
def test_a_digit_of_any_size_is_found_and_framed(row: int, side: int) -> None:
    found = digit(drawn(row, side))
    box = [np.ptp(np.flatnonzero(found.any(axis=axis))) + 1 for axis in (0, 1)]
    assert max(box) == BOX
    assert alike(found, digit(drawn(row))) > 0.9


@SOME
@given(rows)
def test_light_on_dark_is_dark_on_light(row: int) -> None:
    picture = drawn(row)
    assert alike(digit(255 - picture), digit(picture)) > 0.97


@SOME
@given(rows, st.integers(2, 4))
def test_a_whole_factor_changes_little(row: int, factor: int) -> None:
    picture = drawn(row, 140)
    large = picture.repeat(factor, axis=0).repeat(factor, axis=1)
    assert alike(digit(large), digit(picture)) > 0.95


@SOME
@given(rows, st.floats(0.3, 1), st.floats(0.3, 1), st.integers(0, 2**32 - 1))
def test_neither_light_nor_noise_changes_much(
    row: int, left: float, bottom: float, seed: int
) -> None:
    picture = np.pad(drawn(row), 60, constant_values=230)
    side = len(picture)
    light = np.linspace(left, 1, side) * np.linspace(1, bottom, side)[:, None]
    noise = np.random.default_rng(seed).normal(0, 5, picture.shape)
    lit = np.clip(picture * light + noise, 0, 255).astype(np.uint8)
    assert alike(digit(lit), digit(picture)) > 0.9


@SOME
@given(rows, st.integers(0, 300), st.integers(0, 500))
def test_where_it_is_does_not_matter(row: int, top: int, left: int) -> None:
    picture = np.full((620, 800), 230, np.uint8)
    picture[top : top + 280, left : left + 280] = drawn(row)
    assert alike(digit(picture), digit(drawn(row))) > 0.9


@SOME
@given(rows)
def test_specks_are_left_out(row: int) -> None:
    picture = np.pad(drawn(row), 60, constant_values=230)
    specked = picture.copy()
    for y, x in ((20, 20), (30, 350), (380, 200), (200, 15)):
        specked[y : y + 7, x : x + 7] = 20
    assert alike(digit(specked), digit(picture)) > 0.99


def test_a_detached_bar_belongs_to_its_digit() -> None:
    five = np.full((300, 300), 230, np.uint8)
    five[60:80, 130:200] = 30  # its bar
    five[95:160, 110:130] = 30
    five[140:160, 110:190] = 30
    five[140:240, 170:190] = 30
    five[220:240, 110:190] = 30
    without = five.copy()
    without[60:80] = 230
    assert digit(five)[4:7].any()
    assert alike(digit(five), digit(without)) < 0.9


def test_a_thin_pen_is_drawn_as_thick_as_mnist() -> None:
    picture = np.full((400, 400), 230, np.uint8)
    picture[50:350, 200] = 30
    assert digit(picture).sum() > 20 * 255 * 1.5  # a line of 20 pixels, wider than one


def noise(side: int) -> Grey:
    return np.random.default_rng(0).integers(0, 256, (side, side)).astype(np.uint8)


def grain() -> Grey:
    values = np.random.default_rng(0).normal(200, 10, (900, 1200))
    return np.clip(values, 0, 255).astype(np.uint8)


def vignette() -> Grey:
    y, x = np.mgrid[-150:150, -200:200]
    return np.asarray(255 - (x * x + y * y) / 300, np.uint8)


def square() -> Grey:
    picture = np.full((300, 300), 230, np.uint8)
    picture[100:200, 100:200] = 30
    return picture


def rule() -> Grey:
    picture = np.full((300, 400), 230, np.uint8)
    picture[150:156, 50:350] = 30
    return picture


NO_DIGIT: dict[str, Callable[[], Grey]] = {
    "white": lambda: np.full((300, 200), 255, np.uint8),
    "black": lambda: np.zeros((28, 28), np.uint8),
    "a pixel": lambda: np.zeros((1, 1), np.uint8),
    "a line": lambda: np.full((1, 900), 200, np.uint8),
    "noise": lambda: noise(300),
    "small noise": lambda: noise(28),
    "blurred noise": lambda: ndimage.gaussian_filter(noise(300), 3),
    "grain": grain,
    "gradient": lambda: np.tile(np.arange(256, dtype=np.uint8), (200, 1)),
    "steep gradient": lambda: np.tile(np.arange(0, 256, 4, dtype=np.uint8), (64, 1)).T,
    "vignette": vignette,
    "square": square,
    "a rule": rule,
    "half and half": lambda: (
        np.where(np.arange(300) < 150, 90, 230).astype(np.uint8) * np.ones((300, 1), np.uint8)
    ),
}


@pytest.mark.parametrize("picture", NO_DIGIT.values(), ids=NO_DIGIT)
def test_what_is_no_digit_is_refused(picture: Callable[[], Grey]) -> None:
    with pytest.raises(InputError, match="no digit found: "):
        digit(picture())


@pytest.mark.parametrize("stack", [np.hstack, np.vstack])
@pytest.mark.parametrize("inverted", [False, True])
def test_several_digits_are_refused(stack: Callable[..., Grey], inverted: bool) -> None:
    picture = stack([drawn(4), drawn(2)])
    with pytest.raises(InputError, match="several digits found; expected one"):
        digit(255 - picture if inverted else picture)


@SOME
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.integers(2, 256))
def test_any_picture_gives_a_digit_or_is_refused(
    height: int, width: int, seed: int, levels: int
) -> None:
    picture = np.random.default_rng(seed).integers(0, levels, (height, width)).astype(np.uint8)
    try:
        found = digit(picture)
    except InputError as error:
        assert "found" in str(error)
    else:
        assert found.shape == (28, 28)
        assert found.dtype == np.uint8
        assert found.any()
