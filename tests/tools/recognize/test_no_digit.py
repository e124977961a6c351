"""What is no digit is refused: pictures of nothing, and letters."""

import numpy as np
import pytest

from benchmarks.no_digit import write_letters
from stages.harness.errors import InputError
from tests.support.finding import BACKGROUND, STROKE, draw, find_digit, predict
from tools.recognize.images import Grey
from tools.recognize.reading import read_pictures
from tools.recognize.refusal import MAX_LOG_ODDS, check_digits, non_digit_log_odds

RANDOM = np.random.default_rng(0)

NO_DIGIT: dict[str, Grey] = {
    "a pixel": np.zeros((1, 1), np.uint8),
    "a line with a dash": np.where(np.arange(900) // 80 == 5, 0, 200).astype(np.uint8)[None],
    "noise": RANDOM.integers(0, 256, (300, 300)).astype(np.uint8),
    "grain": np.clip(RANDOM.normal(200, 10, (900, 1200)), 0, 255).astype(np.uint8),
    "vignette": (255 - np.hypot(*np.mgrid[-150:150, -200:200]) ** 2 / 300).astype(np.uint8),
    "square": np.pad(np.full((100, 100), 30, np.uint8), 100, constant_values=BACKGROUND),
    "bar": np.pad(np.full((6, 300), STROKE, np.uint8), 50, constant_values=BACKGROUND),
}


@pytest.mark.parametrize("picture", NO_DIGIT.values(), ids=NO_DIGIT)
def test_what_is_no_digit_is_refused(picture: Grey) -> None:
    (rows,) = read_pictures([picture], predict)
    assert str(rows).startswith("no digit found: ")


def test_letters_are_refused_and_digits_are_not() -> None:
    letters = [find_digit(next(write_letters(np.random.default_rng(seed)))) for seed in range(8)]
    digits = [find_digit(draw(row)) for row in range(30)]
    assert (non_digit_log_odds(np.stack(letters)) > MAX_LOG_ODDS).mean() > 0.8
    assert (non_digit_log_odds(np.stack(digits)) > MAX_LOG_ODDS).mean() < 0.1
    check_digits([digits[0], letters[0], digits[1]])
    with pytest.raises(InputError, match="does not look like a digit"):
        check_digits([letters[0], digits[0], letters[1]])
