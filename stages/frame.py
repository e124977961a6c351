"""How MNIST frames a digit: within 20x20 pixels, its centre of mass in the middle of 28x28.

Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to Document
Recognition", Proceedings of the IEEE 86, 1998.
"""

import numpy as np
import numpy.typing as npt

from stages.dataset import SIDE

Grey = npt.NDArray[np.uint8]  # 0 is paper, 255 is ink

BOX = 20  # pixels, the longer side of a digit
MIDDLE = SIDE // 2  # counted from 0: where MNIST's centres of mass are, on average to 0.01 pixels


def framed(digit: Grey) -> Grey:
    """Puts a digit (h, w), neither side above 20, into its place in an image (28, 28).

    Raises:
        ValueError: it is too large, or there is no ink in it.
    """
    if max(digit.shape) > BOX or not digit.any():
        raise ValueError(f"a digit of {digit.shape}; expected ink, within ({BOX}, {BOX})")
    image = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (_start(digit, axis) for axis in (0, 1))
    image[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return image


def _start(digit: Grey, axis: int) -> int:
    """Where along an axis the digit begins; it stays whole, however far off its centre is."""
    ink = digit.sum(axis=1 - axis, dtype=np.int64)
    centre = int((2 * ink @ np.arange(len(ink)) + ink.sum()) // (2 * ink.sum()))  # rounded
    return min(max(MIDDLE - centre, 0), SIDE - len(ink))
