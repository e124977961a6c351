"""Tells digits from other drawings: letters, signs, shapes, parts of digits.

The trained classifier knows nothing but digits, and is sure of many letters. So a small network of
its own, the same for every classifier, knows what is no digit. `training` trains it.
"""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stages.classifiers.saved import Classifier, load
from stages.formats.prepared import Images

FOLDER = Path(__file__).with_name("refusal")
NO_DIGIT = 10  # the class after those of the digits


@cache
def _load() -> Classifier:
    return load(FOLDER)


def non_digit_log_odds(images: Images) -> npt.NDArray[np.float64]:
    """Returns the log odds that images float32 (n, 28, 28, 1) are no digits: (n,), any number."""
    probabilities = _load().predict_proba(images).astype(np.float64).clip(1e-9)
    digits = probabilities[:, :NO_DIGIT].sum(axis=1)
    return np.asarray(np.log(probabilities[:, NO_DIGIT] / digits))
