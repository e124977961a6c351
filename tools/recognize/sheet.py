"""Finds the sheet of paper on a table, or the drawn box, that a digit is written in."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage
from scipy.spatial import ConvexHull

from tools.recognize.contrast import split_in_two
from tools.recognize.images import SEARCH_SIZE, Box, Grey, Mask, bounding_box, resize_longer_side

Numbers = npt.NDArray[np.int32]  # (h, w): 1 to n in n regions, 0 between them
Region = tuple[Box, Mask]  # where a region is, and which pixels of that box belong to it

FULL = 0.9  # of the picture: a larger sheet fills it
MARGIN = 0.02  # of the sheet's longer side: the sheet's shadow or the box's line


class Sheet(NamedTuple):
    """What was cut out of a picture, and where it starts, in pixels of the picture.

    Pixels around the sheet are as light as its nearest edge.
    """

    picture: Grey
    top: int = 0
    left: int = 0


def find_sheet(picture: Grey) -> Sheet | None:
    """Cuts out the largest sheet or box that has writing on it and does not fill the picture.

    Args:
        picture: uint8 (h, w), 0 is black and 255 is white.

    Returns:
        None if there is no such sheet.
    """
    numbers = _number_regions(picture)
    sheets = [sheet for region in _list_large(numbers) if (sheet := _fill_sheet(region))]
    sheets = [sheet for sheet in sheets if sheet[1].sum() < FULL * numbers.size]
    if not sheets:
        return None
    box, filled = max(sheets, key=lambda sheet: sheet[1].sum())
    mask = np.zeros(numbers.shape, bool)
    mask[box] = filled
    return _cut_out(picture, mask)


BRIGHT = 0.2, 0.9  # of the picture: bright paper has at least as much and at most as much
SOLID = 0.9  # of the smallest convex region around bright paper


def find_bright_sheet(picture: Grey) -> Sheet | None:
    """Cuts out bright paper, in perspective or not, with edges too weak for `find_sheet`.

    Args:
        picture: uint8 (h, w), 0 is black and 255 is white.

    Returns:
        None if what is bright is no sheet.
    """
    small = ndimage.gaussian_filter(resize_longer_side(picture, SEARCH_SIZE), 2)
    numbers, count = ndimage.label(small > split_in_two(small.ravel()))
    if not count:
        return None
    filled = ndimage.binary_fill_holes(numbers == 1 + np.bincount(numbers.ravel())[1:].argmax())
    corners = np.argwhere(filled & ~ndimage.binary_erosion(filled))
    if not BRIGHT[0] < filled.mean() < BRIGHT[1]:
        return None
    return _cut_out(picture, filled) if filled.sum() > SOLID * ConvexHull(corners).volume else None


def _cut_out(picture: Grey, mask: Mask) -> Sheet:
    """Cuts out the part of a picture that a mask of any size selects."""
    whole = np.asarray(Image.fromarray(mask).resize(picture.shape[::-1]))
    # With the table's nearest pixel on each side, unless the sheet goes on beyond the picture.
    rows, columns = bounding_box(whole)
    cut = tuple(slice(max(0, place.start - 1), place.stop + 1) for place in (rows, columns))
    smooth = ndimage.gaussian_filter(picture[cut], 3)
    within = ndimage.distance_transform_edt(whole[cut]) > max(2, round(MARGIN * max(smooth.shape)))
    nearest = ndimage.distance_transform_edt(~within, return_distances=False, return_indices=True)
    inside = np.asarray(np.where(within, picture[cut], smooth[tuple(nearest)]), np.uint8)
    return Sheet(inside, cut[0].start, cut[1].start)


DARK = 32  # levels of grey that are added: where there is hardly any light, noise is no edge
EDGE = 0.045  # change of the logarithm of light from one pixel to the next
NOISE = 6  # times the median change: edges change more than noise


def _number_regions(picture: Grey) -> Numbers:
    """Numbers the regions between edges, whatever light is on them."""
    small = resize_longer_side(picture, SEARCH_SIZE)
    light = np.log(DARK + ndimage.gaussian_filter(small, 1.0).clip(0))
    change = np.hypot(*np.gradient(light))
    edges = change > max(EDGE, NOISE * float(np.median(change)))
    return np.asarray(ndimage.label(~edges)[0], np.int32)


LEAST = 0.03  # of the picture: the box around a sheet, and of that box: the sheet
LEAST_CUT = 0.25  # of the picture: the box around a sheet that reaches beyond the picture


def _list_large(numbers: Numbers) -> list[Region]:
    """Lists the regions that are large enough for a sheet.

    A region that reaches from side to side is left out: it may be a row of ruled paper.
    """
    regions = []
    for number, box in enumerate(ndimage.find_objects(numbers), 1):
        sides = [place.stop - place.start for place in box]
        touches = [
            (place.start == 0) + (place.stop == side)
            for place, side in zip(box, numbers.shape, strict=True)
        ]
        least = LEAST_CUT if any(touches) else LEAST
        if sides[0] * sides[1] > least * numbers.size and max(touches) < 2:
            regions.append((box, numbers[box] == number))
    return regions


BLANK = 0.4  # of a sheet: at least as much has no writing on it
STRAIGHT = 0.85  # of the smallest rectangle around a sheet, which fills more; a 0 fills 0.79
WRITING = 0.15  # of a sheet's longer side: the writing on it is longer
ANGLES = np.radians(np.arange(0, 90, 3))  # of the rectangles that are tried


def _fill_sheet(region: Region) -> Region | None:
    """Fills the writing in a region; None if the region is no sheet or has no writing."""
    box, mask = region
    filled = ndimage.binary_fill_holes(mask)
    area = filled.sum()
    if area < LEAST * mask.size or mask.sum() < BLANK * area:
        return None
    writing = ndimage.find_objects(ndimage.label(filled & ~mask)[0])
    length = max((place.stop - place.start for holes in writing for place in holes), default=0)
    y, x = np.nonzero(filled & ~ndimage.binary_erosion(filled))
    turned = [(np.cos(a) * x + np.sin(a) * y, np.cos(a) * y - np.sin(a) * x) for a in ANGLES]
    rectangle = min((np.ptp(across) + 1) * (np.ptp(down) + 1) for across, down in turned)
    is_sheet = area > STRAIGHT * rectangle and length > WRITING * max(mask.shape)
    return (box, filled) if is_sheet else None
