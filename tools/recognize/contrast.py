"""Measures how far each pixel differs from the background, and separates strokes from it."""

import numpy as np
from PIL import Image
from scipy import ndimage

from stages.harness.errors import InputError
from tools.recognize.images import SEARCH_SIZE, Floats, resize_longer_side
from tools.recognize.regions import DIAGONALS

COARSE_SIZE = 32  # pixels: the longer side of the picture while its light is estimated
WINDOW = SEARCH_SIZE // 3  # pixels: strokes are narrower, shadows are wider


def measure_contrast(picture: Floats) -> Floats:
    """Returns the share of the background's light that each pixel lacks, whatever the light is.

    The background under the strokes is estimated with a grey closing. It fills what is dark and
    narrower than a window, and keeps shadows, which are wider.

    Args:
        picture: float32 (h, w), 0 is black and 255 is white. If its strokes are lighter than the
            background, it is inverted first.

    Returns:
        float32 (h, w), about 0 in the background and up to 1 in strokes.
    """
    smooth = ndimage.gaussian_filter(picture, 1.2)
    coarse = resize_longer_side(smooth, COARSE_SIZE)
    light = ndimage.median_filter(coarse, COARSE_SIZE // 2, mode="nearest")
    deviation = smooth - np.asarray(Image.fromarray(light).resize(smooth.shape[::-1]))
    if (deviation**3).sum() > 0:  # the third moment: strokes are lighter than the background
        smooth = 255 - smooth
    background = ndimage.grey_closing(smooth, WINDOW, mode="nearest")
    return np.asarray(1 - smooth / np.maximum(background, 32), np.float32)


MIN_CONTRAST = 0.08  # of a stroke
MIN_DEVIATIONS = 5  # standard deviations of the background's noise: the same, in noisy pictures
MIN_PIXELS = 20  # of all strokes together


def find_threshold(contrast: Floats) -> float:
    """Finds the contrast that separates strokes from background: half of what strokes have.

    Raises:
        InputError: nothing stands out from the background's noise.
    """
    low, background = np.percentile(contrast, (10, 30))
    least = max(MIN_CONTRAST, MIN_DEVIATIONS * (background - low))
    high = contrast[contrast > background + least]
    if high.size < MIN_PIXELS:
        raise InputError("no digit found: nothing stands out from the background")
    return float(np.median(high[high > split_in_two(high)]) + background) / 2


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
