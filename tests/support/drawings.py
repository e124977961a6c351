"""Digits as somebody might draw them, and how alike two images are."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.samples import mnist
from tools.recognize.images import Grey

BACKGROUND, STROKE = 230, 30  # levels of grey
DIGITS = mnist()[0][:60].reshape(-1, 28, 28)
ALIKE = 0.85  # correlation: of one digit, drawn otherwise, at least 0.88; of two, at most 0.74
SOME = settings(max_examples=2, deadline=None, derandomize=True)
rows = st.integers(0, len(DIGITS) - 1)


def draw(row: int, side: int = 280, *, margin: int = 0, level: int = 110) -> Grey:
    """A digit of MNIST with sharp edges, dark on light: its image enlarged, and a margin."""
    large = Image.fromarray(DIGITS[row]).resize((side, side), Image.Resampling.BICUBIC)
    picture = np.where(np.asarray(large) > level, STROKE, BACKGROUND).astype(np.uint8)
    return np.pad(picture, margin, constant_values=BACKGROUND)


def correlation(first: Grey, second: Grey) -> float:
    """Correlates two images, with one of them moved by a pixel if that is better."""
    moved = (np.roll(first, (y, x), (0, 1)) for y, x in np.ndindex(3, 3))
    target = np.roll(second, (1, 1), (0, 1)).ravel()
    return max(float(np.corrcoef(image.ravel(), target)[0, 1]) for image in moved)
