"""Digits as somebody might draw them, what is found in them, a classifier that knows ten."""

from functools import cache

import numpy as np
from PIL import Image

from stages.formats.prepared import Images, Probabilities
from stages.harness.errors import InputError
from tests.support.samples import mnist
from tools.recognize.candidates import list_readings
from tools.recognize.images import Grey

BACKGROUND, STROKE = 230, 30  # levels of grey
DIGITS = mnist()[0][:60].reshape(-1, 28, 28)
KNOWN = 10  # the first of them
LABELS = mnist()[1][:KNOWN]
LIKE = 0.8  # correlation with a known digit


def draw(row: int, side: int = 280) -> Grey:
    """A digit of MNIST with sharp edges, dark on light: its image enlarged."""
    large = Image.fromarray(DIGITS[row]).resize((side, side), Image.Resampling.BICUBIC)
    return np.where(np.asarray(large) > 110, STROKE, BACKGROUND).astype(np.uint8)


def find_digit(picture: Grey) -> Grey:
    """Returns the uncut digit of the first reading, uint8 (28, 28); several are an InputError."""
    clusters = [it for reading in next(list_readings(picture))[:1] for it in reading.clusters]
    if len(clusters) != 1:
        raise InputError("no digit found, or several are")
    segments, crossings = clusters[0]
    return segments[0, len(crossings) - 1].image


@cache
def _known() -> np.ndarray:
    return np.stack([find_digit(draw(row)).ravel() for row in range(KNOWN)]).astype(float)


def predict(images: Images) -> Probabilities:
    """Is sure of an image that is like a known digit, and of no other one."""
    both = np.concatenate([_known(), images.reshape(len(images), -1)])
    alike = np.corrcoef(both)[KNOWN:, :KNOWN]
    probabilities = np.full((len(images), 10), 0.1)
    for row, best in enumerate(alike.argmax(axis=1)):
        if alike[row, best] > LIKE:
            probabilities[row] = 0.001
            probabilities[row, LABELS[best]] = 0.991
    return probabilities
