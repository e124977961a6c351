"""Digits as somebody might draw them."""

import numpy as np
from PIL import Image

from tests.support.samples import mnist
from tools.recognize.images import Grey

BACKGROUND, STROKE = 230, 30  # levels of grey
DIGITS = mnist()[0][:60].reshape(-1, 28, 28)


def draw(row: int, side: int = 280) -> Grey:
    """A digit of MNIST with sharp edges, dark on light: its image enlarged."""
    large = Image.fromarray(DIGITS[row]).resize((side, side), Image.Resampling.BICUBIC)
    return np.where(np.asarray(large) > 110, STROKE, BACKGROUND).astype(np.uint8)
