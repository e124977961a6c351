"""How MNIST frames a digit: within 20x20 pixels, its centre of mass in the middle of 28x28.

Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to Document
Recognition", Proceedings of the IEEE 86, 1998.
"""

import numpy as np

from tools.recognize.images import SIDE, Grey

DIGIT_SIZE = 20  # pixels: the longer side of a digit


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
