"""Measures how far each pixel differs from the background, and separates strokes from it."""

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from stages.harness.errors import InputError
from tools.recognize.images import SEARCH_SIZE, Floats, resize_longer_side
from tools.recognize.regions import DIAGONALS

# Pixels: strokes are narrower than a window, shadows and tables are wider.
WIDE, MIDDLE, NARROW = SEARCH_SIZE // 3, SEARCH_SIZE // 6, SEARCH_SIZE // 15
HALF, QUARTER = 0.5, 0.25  # of the contrast that strokes have


class Look(NamedTuple):
    """A way to look for strokes in a picture."""

    window: int = NARROW  # pixels: what is wider, such as a shadow or a table, is background
    share: float = HALF  # of the contrast that strokes have: what has less is background
    light: bool | None = False  # strokes are lighter than the background; None: it is measured
    turns: int = 0  # quarter turns to the left


BLUR = 1.2  # pixels: standard deviation; noise is smoothed
COARSE_SIZE = 32  # pixels: the longer side of the picture while its light is estimated
DARKEST = 0.4  # of the brightest background: darker ones, such as a table, count as this


def measure_contrast(picture: Floats, look: Look) -> Floats:
    """Returns the share of the background's light that each pixel lacks, whatever the light is.

    The background under the strokes is estimated with a grey closing. It fills what is dark and
    narrower than a window, and keeps what is wider.

    Args:
        picture: float32 (h, w), 0 is black and 255 is white.
        look: how to look at it.

    Returns:
        float32 (h, w), about 0 in the background and up to 1 in strokes.
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
MIN_DEVIATIONS = 5  # standard deviations of the background's noise: the same, in noisy pictures
MIN_PIXELS = 20  # of all strokes together


def find_threshold(contrast: Floats, share: float) -> float:
    """Finds the contrast that separates strokes from background: a share of what strokes have.

    Raises:
        InputError: nothing stands out from the background's noise.
    """
    low, background = np.percentile(contrast, (10, 30))
    least = max(MIN_CONTRAST, MIN_DEVIATIONS * (background - low))
    high = contrast[contrast > background + least]
    if high.size < MIN_PIXELS:
        raise InputError("no digit found: nothing stands out from the background")
    strokes = float(np.median(high[high > split_in_two(high)]))
    return share * strokes + (1 - share) * float(background)


FAINTEST = 0.55  # of the threshold: fainter strokes are taken for paper
STROKE_WINDOW = 13  # pixels: the side of the square in which strokes are compared
FAINT_WINDOW = 41  # pixels: the same, with a low threshold


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


def lower_strong(contrast: Floats, threshold: float) -> Floats:
    """Lowers what is fainter than half of the strokes around it; returns float32 (h, w)."""
    nearest = ndimage.maximum_filter(contrast, FAINT_WINDOW, mode="nearest")
    return np.asarray(contrast * (threshold / np.maximum(nearest / 2, threshold)), np.float32)


def split_in_two(values: Floats) -> float:
    """Finds the value that splits values (n,) into two classes, each as uniform as possible.

    Source: N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions
    on Systems, Man and Cybernetics 9, 1979.
    """
    ordered = np.sort(values)
    below = np.arange(1, len(ordered))
    above = len(ordered) - below
    sums = np.cumsum(ordered, dtype=np.float64)
    distance = sums[:-1] / below - (sums[-1] - sums[:-1]) / above
    return float(ordered[np.argmax(below * above * distance**2)])
