"""Draws a digit as MNIST's are drawn: strokes as wide, within 20x20 pixels of an image of 28x28.

Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to Document
Recognition", Proceedings of the IEEE 86, 1998.
"""

import numpy as np
from scipy import ndimage

from tools.recognize.images import SIDE, Floats, Grey, Mask, bounding_box, resize_longer_side

DIGIT_SIZE = 20  # pixels: the longer side of a digit
AROUND = 2  # pixels around a digit's strokes: their soft edges
DRAWING_SIZE = 160  # pixels: the longer side of a digit while it is redrawn
SOLID = 0.4  # of a digit's longer side: a wider stroke is none; MNIST's are at most 0.3
THINNEST, THICKEST = 0.12, 0.165  # of a digit's longer side: the middle half of MNIST's strokes


def draw_as_mnist(contrast: Floats, parts: Mask, threshold: float) -> Grey | None:
    """Draws a digit with strokes as wide as MNIST's.

    Args:
        contrast: float32 (h, w), see `ink.measure_contrast`.
        parts: bool (h, w), the pixels that belong to the digit; there must be one.
        threshold: the contrast that separates strokes from background.

    Returns:
        uint8 (h, w) within (20, 20), 0 is background and 255 is ink; None if it has no strokes.
    """
    near = ndimage.binary_dilation(parts, iterations=AROUND)
    cut = np.where(near, contrast, 0)[bounding_box(near)]
    mask = np.pad(resize_longer_side(cut, DRAWING_SIZE) > threshold, DRAWING_SIZE // 12)
    if not mask.any():
        return None
    inside = ndimage.distance_transform_edt(mask)
    width = 4 * inside[mask].mean()  # the mean distance to the edge is a quarter of a stroke
    length = max(mask[bounding_box(mask)].shape)
    if width > SOLID * length:
        return None
    share = np.clip(width / length, THINNEST, THICKEST)
    wider = (share * length - width) / (2 * (1 - share))  # on each side
    outside = ndimage.distance_transform_edt(~mask) if wider > 0 else 1 - inside
    drawn = outside < 0.5 + wider
    small = resize_longer_side(drawn[bounding_box(drawn)].astype(np.float32) * 255, DIGIT_SIZE)
    return np.rint(small).astype(np.uint8)


def place_in_frame(digit: Grey) -> Grey:
    """Places a digit (h, w), neither side above 20 and not all 0, in an image (28, 28)."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (_find_start(digit, axis) for axis in (0, 1))
    image[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return image


def _find_start(digit: Grey, axis: int) -> int:
    """Finds the digit's first row or column in the image; no part of the digit is cut off.

    The centre of mass comes to pixel 14, counted from 0: MNIST's are there, on average to 0.01.
    """
    mass = digit.sum(axis=1 - axis, dtype=np.int64)
    centre = int((2 * mass @ np.arange(len(mass)) + mass.sum()) // (2 * mass.sum()))  # rounded
    return min(max(SIDE // 2 - centre, 0), SIDE - len(mass))
