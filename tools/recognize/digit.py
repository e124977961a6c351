"""Finds the digit in a picture of one digit, without a classifier."""

from stages.harness.errors import InputError
from tools.recognize.candidates import draw_in_frame, find_single, match_mnist, spread
from tools.recognize.images import Grey
from tools.recognize.ink import cut_sheet, find_ink


def find_digit(picture: Grey) -> Grey:
    """Finds the digit in a picture and gives it as an image of MNIST's: 255 is ink.

    Args:
        picture: uint8 (h, w), 0 is black and 255 is white. The digit is dark on light or light on
            dark, on a sheet that fills the picture or is part of it.

    Returns:
        uint8 (28, 28). An image that MNIST could hold already is not changed.

    Raises:
        InputError: there is no digit, or more than one; the text does not name the picture.
    """
    if (image := match_mnist(picture)) is not None:
        return image
    ink = find_ink(cut_sheet(picture).picture)
    one = find_single(picture, ink)
    if one is None:
        raise InputError("no digit found: what stands out is several digits, or scattered")
    strokes = spread(one, ink)
    return draw_in_frame(ink._replace(strokes=strokes), strokes)
