"""What is no digit is refused or left out."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.no_digit import write_letters
from tests.support.finding import BACKGROUND, LABELS, STROKE, draw, predict
from tools.recognize.images import Grey
from tools.recognize.reading import Found, read_pictures

RANDOM = np.random.default_rng(0)

NO_DIGIT: dict[str, Grey] = {
    "a pixel": np.zeros((1, 1), np.uint8),
    "a line with a dash": np.where(np.arange(900) // 80 == 5, 0, 200).astype(np.uint8)[None],
    "noise": RANDOM.integers(0, 256, (300, 300)).astype(np.uint8),
    "square": np.pad(np.full((100, 100), 30, np.uint8), 100, constant_values=BACKGROUND),
    "gradient": np.tile(np.linspace(60, 220, 400).astype(np.uint8), (300, 1)),
    "ruled": np.where(np.arange(300) % 40, 255, 180).astype(np.uint8)[:, None].repeat(400, 1),
    "bar": np.pad(np.full((6, 300), STROKE, np.uint8), 50, constant_values=BACKGROUND),
}


@pytest.mark.parametrize("picture", NO_DIGIT.values(), ids=NO_DIGIT)
def test_what_is_no_digit_is_refused(picture: Grey) -> None:
    (rows,) = read_pictures([picture], predict)
    assert str(rows).startswith("no digit found: ")


def test_a_letter_among_digits_is_left_out() -> None:
    letter = Image.fromarray(next(write_letters(np.random.default_rng(0)))).resize((373, 280))
    (found,) = read_pictures([np.hstack([draw(1), np.asarray(letter), draw(2)])], predict)
    assert isinstance(found, Found)
    assert [digit.probabilities.argmax() for digit in found.rows[0]] == [*LABELS[1:3]]
    (skipped,) = found.skipped
    assert 280 < skipped.place[0] < skipped.place[0] + skipped.place[2] < 653
