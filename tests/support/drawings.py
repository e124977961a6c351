"""Digits as somebody might draw them."""

import numpy as np
from PIL import Image

from tests.support.samples import mnist
from tools.recognize.images import Grey

BACKGROUND, STROKE = 230, 30  # levels of grey
DIGITS = mnist()[0][:60].reshape(-1, 28, 28)


def draw(row: int, side: int = 280, *, margin: int = 0) -> Grey:
    """A digit of MNIST with sharp edges, dark on light: its image enlarged, and a margin."""
    large = Image.fromarray(DIGITS[row]).resize((side, side), Image.Resampling.BICUBIC)
    picture = np.where(np.asarray(large) > 110, STROKE, BACKGROUND).astype(np.uint8)
    return np.pad(picture, margin, constant_values=BACKGROUND)
