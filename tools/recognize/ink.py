"""Finds the ink in a picture: strokes are darker, or lighter, than the background around them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from tools.recognize.images import SEARCH_SIZE, Floats, Grey, Mask, resize_longer_side
from tools.recognize.regions import DIAGONALS

# Pixels: strokes are narrower than a window, shadows and tables are wider.
WIDE, NARROW = SEARCH_SIZE // 3, SEARCH_SIZE // 15


class Look(NamedTuple):
    """A way to look for strokes in a picture."""

    window: int = NARROW  # pixels: what is wider, such as a shadow or a table, is background
    light: bool | None = False  # strokes are lighter than the background; None: it is measured
    turns: int = 0  # quarter turns to the left
    sheet: bool = False  # for several digits, even if there seems to be one


class Ink(NamedTuple):
    """What is written in a picture, as one looks at it, at one size of it."""

    look: Look
    contrast: Floats  # (h, w), see `raise_faint`
    threshold: float  # the contrast that separates strokes from background
    strokes: Mask  # (h, w)


def find_ink(picture: Grey, look: Look, size: int = SEARCH_SIZE) -> Ink | None:
    """Finds the strokes in a picture scaled to `size` pixels; None if nothing stands out."""
    turned = np.ascontiguousarray(np.rot90(picture, look.turns))
    contrast = measure_contrast(resize_longer_side(turned, size), look)
    if (threshold := find_threshold(contrast)) is None:
        return None
    contrast = raise_faint(contrast, threshold)
    return Ink(look, contrast, threshold, contrast > threshold)


BLUR = 1.2  # pixels: standard deviation; noise is smoothed
COARSE_SIZE = 32  # pixels: the longer side of the picture while its light is estimated
DARKEST = 0.4  # of the brightest background: darker ones, such as a table, count as this


def measure_contrast(picture: Floats, look: Look) -> Floats:
    """Returns the share of the background's light that each pixel lacks, whatever the light is.

    The background under the strokes is estimated with a grey closing. It fills what is dark and
    narrower than a window, and keeps what is wider. A picture is float32 (h, w), 0 is black and 255
    is white. Returns float32 (h, w), about 0 in the background and up to 1 in strokes.
    """
    smooth = ndimage.gaussian_filter(picture, BLUR)
    if look.light or (look.light is None and _has_light_strokes(smooth)):
        smooth = 255 - smooth
    background = ndimage.grey_closing(smooth, look.window, mode="nearest")
    least = max(1, DARKEST * float(background.max()))
    return np.asarray((background - smooth) / np.maximum(background, least), np.float32)


def _has_light_strokes(smooth: Floats) -> bool:
    """Returns whether strokes are lighter than the background, by the third moment."""
    coarse = resize_longer_side(smooth, COARSE_SIZE)
    median = ndimage.median_filter(coarse, COARSE_SIZE // 2, mode="nearest")
    deviation = smooth - np.asarray(Image.fromarray(median).resize(smooth.shape[::-1]))
    return bool((deviation**3).sum() > 0)


MIN_CONTRAST = 0.08  # of a stroke
MIN_NOISES = 5  # steps from the 10th to the 30th percentile: the same, in noisy pictures
MIN_PIXELS = 20  # of all strokes together
ROUNDS = 10  # of a search: the value hardly changes any more


def find_threshold(contrast: Floats) -> float | None:
    """Finds the contrast that separates strokes from background: half of what strokes have.

    Returns None if nothing stands out from the background's noise.
    """
    low, background = np.percentile(contrast, (10, 30))
    least = max(MIN_CONTRAST, MIN_NOISES * (background - low))
    high = contrast[contrast > background + least]
    if high.size < MIN_PIXELS:
        return None
    strokes = high[high >= split_in_two(high)]
    return float(np.median(strokes) + background) / 2


def split_in_two(values: npt.NDArray[np.floating]) -> float:
    """Finds the value half-way between the means of the values (n,) above it and below it.

    Source: T. W. Ridler and S. Calvard, "Picture Thresholding Using an Iterative Selection Method",
    IEEE Transactions on Systems, Man, and Cybernetics 8, 1978.
    """
    values = values.astype(np.float64)
    middle = values.mean()
    for _ in range(ROUNDS):
        above = values > middle
        if above.any():
            middle = (values[above].mean() + values[~above].mean()) / 2
    return float(middle)


FAINTEST = 0.55  # of the threshold: fainter strokes are taken for paper
STROKE_WINDOW = 13  # pixels: the side of the square in which strokes are compared


def raise_faint(contrast: Floats, threshold: float) -> Floats:
    """Raises the faint ends of strokes, so that the threshold separates them from paper too.

    A pen or a pencil presses harder in one part of a digit than in another. Each pixel is compared
    with half of the contrast that the nearest strokes have. What is nowhere above the threshold is
    no stroke, and stays as it is. Returns float32 (h, w), nowhere less than `contrast`.
    """
    nearest = ndimage.maximum_filter(contrast, STROKE_WINDOW, mode="nearest")
    raised = contrast * (threshold / np.clip(nearest / 2, FAINTEST * threshold, threshold))
    strokes = ndimage.binary_propagation(contrast > threshold, DIAGONALS, raised > threshold)
    return np.asarray(np.where(strokes, raised, contrast), np.float32)
