"""Finds the ink in a picture: the sheet is cut out, and strokes are separated from the paper."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from stages.harness.errors import InputError
from tools.recognize.contrast import find_threshold, measure_contrast, raise_faint
from tools.recognize.images import SEARCH_SIZE, Floats, Grey, Mask, resize_longer_side
from tools.recognize.sheet import Sheet, find_sheet

SHEETS = 2  # one inside the other: a box that is drawn on a sheet of paper on a table
NEIGHBOURS = np.ones((3, 3))  # diagonal pixels are connected too


class Ink(NamedTuple):
    """What is written on a sheet, at one size of it."""

    contrast: Floats  # (h, w), see `contrast.raise_faint`
    threshold: float  # the contrast that separates strokes from background
    strokes: Mask  # (h, w)


def cut_sheet(picture: Grey) -> Sheet:
    """Cuts out the sheet that lies on a table, and the box that is drawn on it, if there is one."""
    sheet = Sheet(picture)
    for _ in range(SHEETS):
        if (found := find_sheet(sheet.picture)) is None:
            break
        sheet = Sheet(found.picture, sheet.top + found.top, sheet.left + found.left)
    return sheet


ALIKE = 0.15  # of the light inside: a drawn box has the same paper on both sides of its line


def is_drawn(sheet: Sheet, picture: Grey) -> bool:
    """Says whether what was cut out of a picture is a drawn box, and not paper on a table."""
    height, width = sheet.picture.shape
    if (height, width) == picture.shape:
        return False
    outside = np.ones(picture.shape, bool)
    outside[sheet.top : sheet.top + height, sheet.left : sheet.left + width] = False
    inside = np.median(sheet.picture)
    return bool(abs(np.median(picture[outside]) - inside) < ALIKE * inside)


def find_ink(sheet: Grey, size: int = SEARCH_SIZE) -> Ink:
    """Finds the strokes on a sheet whose longer side is scaled to `size` pixels.

    Args:
        sheet: uint8 (h, w), 0 is black and 255 is white.
        size: pixels.

    Raises:
        InputError: nothing stands out, or nothing but light and shadow.
    """
    contrast = measure_contrast(resize_longer_side(sheet, size))
    threshold = find_threshold(contrast)
    raised = raise_faint(contrast, threshold)
    return Ink(raised, threshold, _select_sharp(contrast, raised > threshold, threshold))


SOFTEST = 30  # pixels from background to stroke; even the dark side of a gradient takes more


def _select_sharp(contrast: Floats, mask: Mask, threshold: float) -> Mask:
    """Selects the regions of a mask whose edges are as sharp as those of strokes.

    Raises:
        InputError: there is none.
    """
    numbers, count = ndimage.label(mask, NEIGHBOURS)
    edges = np.where(ndimage.binary_erosion(mask), 0, numbers)
    slopes = ndimage.mean(np.hypot(*np.gradient(contrast)), edges, np.arange(1, count + 1))
    sharp = np.flatnonzero(slopes > 2 * threshold / SOFTEST)
    if not len(sharp):
        raise InputError("no digit found: nothing but light and shadow")
    return np.isin(numbers, sharp + 1)
