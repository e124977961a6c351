"""Refusing what is no digit."""

from itertools import islice

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.no_digit import FONTS, write_letters
from stages.harness.errors import InputError
from tests.support.drawings import DIGITS
from tests.support.finding import find_digit
from tools.recognize.refusal import MOST, check_digits, measure_doubt


def test_hardly_any_digit_is_refused() -> None:
    assert (measure_doubt(DIGITS) > MOST).mean() <= 1 / len(DIGITS)


def test_letters_of_a_font_that_it_has_not_seen_are_refused() -> None:
    pictures = islice(write_letters(1, np.random.default_rng(0)), 12)
    images = [find_digit(picture) for picture in pictures]
    assert (measure_doubt(np.stack(images)) > MOST).mean() > 0.8
    assert FONTS[1][0] not in FONTS[0]


def test_a_picture_is_refused_if_most_of_it_is_no_digit() -> None:
    drawing = Image.new("L", (28, 28))
    for end in ((4, 4), (4, 24), (24, 4), (24, 24), (14, 3), (14, 25)):
        ImageDraw.Draw(drawing).line(((14, 14), end), fill=255, width=2)
    star = np.asarray(drawing)
    check_digits([DIGITS[0], star, DIGITS[1]])
    with pytest.raises(InputError, match=r"no digit found: .* something else"):
        check_digits([star, DIGITS[0], star])
