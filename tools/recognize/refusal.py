"""Refuses what is no digit: letters, shapes, parts of photographs.

The trained classifier knows nothing but digits, and is sure of many letters. So a small network of
its own, the same for every classifier, compares the directions of strokes with those of digits and
of other drawings. `python -m benchmarks.refusal` trains it.
"""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stages.classifiers.features import extract_features
from stages.formats.prepared import to_images
from stages.harness.errors import InputError
from tools.recognize.images import Floats, Grey

FILE = Path(__file__).with_name("refusal.npz")
ORIENTATIONS, CELLS = 8, 7  # of the features; slanted digits are not made upright
NO_DIGIT = 10  # the class after those of the digits
MAX_LOG_ODDS = 0.8  # that it is no digit: see benchmarks/README.md


def measure_features(images: Grey) -> Floats:
    """Returns the features of images uint8 (n, 28, 28), float32 (n, 392)."""
    return extract_features(to_images(images), False, ORIENTATIONS, CELLS)


@cache
def _read_weights() -> dict[str, Floats]:
    with np.load(FILE, allow_pickle=False) as arrays:
        return {name: arrays[name].astype(np.float32) for name in arrays.files}


def non_digit_log_odds(images: Grey) -> npt.NDArray[np.float64]:
    """Returns the log odds that images uint8 (n, 28, 28) are no digits: (n,), any number."""
    weights = _read_weights()
    hidden = (measure_features(images) @ weights["hidden"] + weights["hidden_bias"]).clip(0)
    scores = (hidden @ weights["output"] + weights["output_bias"]).astype(np.float64)
    return np.asarray(scores[:, NO_DIGIT] - np.logaddexp.reduce(scores[:, :NO_DIGIT], axis=1))


def check_digits(images: list[Grey]) -> None:
    """Refuses what was found in a picture, images uint8 (28, 28), if most of it is no digit.

    Raises:
        InputError: most of them are no digits; the text does not name the picture.
    """
    if np.median(non_digit_log_odds(np.stack(images))) > MAX_LOG_ODDS:
        raise InputError("no digit found: what stands out does not look like a digit")
