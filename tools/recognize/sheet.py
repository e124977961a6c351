"""Finds the sheet of paper on a table, or the drawn box, that a digit is written in."""

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.spatial import ConvexHull

from tools.recognize.contrast import split_in_two
from tools.recognize.images import SEARCH_SIZE, Grey, Mask, bounding_box, resize_longer_side
from tools.recognize.regions import Region, Regions

FULL = 0.9  # of the picture: a larger sheet fills it
MARGIN = 0.02  # of the sheet's longer side: the sheet's shadow or the box's line


class Sheet(NamedTuple):
    """What was cut out of a picture, and where it starts, in pixels of the picture.

    Pixels around the sheet are as light as its nearest edge.
    """

    picture: Grey
    top: int = 0
    left: int = 0

    def is_drawn_box(self, whole: Grey) -> bool:
        """Returns whether it is a drawn box in the whole picture, not paper on a table."""
        height, width = self.picture.shape
        outside = np.ones(whole.shape, bool)
        outside[self.top : self.top + height, self.left : self.left + width] = False
        inside = np.median(self.picture)
        return bool(outside.any() and abs(np.median(whole[outside]) - inside) < SAME_PAPER * inside)


SAME_PAPER = 0.15  # of the light in a box: the paper around it differs by less


def cut_sheet(picture: Grey) -> Sheet:
    """Cuts out the largest sheet or box that has writing on it and does not fill the picture.

    Returns all of the picture if there is no such sheet.
    """
    regions = _find_regions(picture)
    sheets = [sheet for region in _list_large(regions) if (sheet := _fill_sheet(region))]
    sheets = [sheet for sheet in sheets if sheet.mask.sum() < FULL * regions.numbers.size]
    if not sheets:
        return Sheet(picture)
    box, filled = max(sheets, key=lambda sheet: sheet.mask.sum())
    mask = np.zeros(regions.numbers.shape, bool)
    mask[box] = filled
    return _cut_out(picture, mask)


BRIGHT = 0.2, 0.9  # of the picture: bright paper has at least as much and at most as much
CONVEX = 0.9  # of the smallest convex region around bright paper, which fills more


def find_bright_sheet(picture: Grey) -> Sheet | None:
    """Cuts out bright paper, in perspective or not, with edges too weak for `cut_sheet`.

    Returns None if what is bright is no sheet.
    """
    small = ndimage.gaussian_filter(resize_longer_side(picture, SEARCH_SIZE), 2)
    regions = Regions(ndimage.label(small > split_in_two(small.ravel()))[0])
    if not len(regions.areas):
        return None
    filled = ndimage.binary_fill_holes(regions.numbers == 1 + regions.areas.argmax())
    if not BRIGHT[0] < filled.mean() < BRIGHT[1]:
        return None
    corners = np.argwhere(filled & ~ndimage.binary_erosion(filled))
    convex = filled.sum() > CONVEX * ConvexHull(corners).volume
    return _cut_out(picture, filled) if convex else None


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


def _find_regions(picture: Grey) -> Regions:
    """Finds the regions between edges, whatever light is on them."""
    smooth = ndimage.gaussian_filter(resize_longer_side(picture, SEARCH_SIZE), 1.0)
    light = np.log(DARK + smooth.clip(0))
    change = np.hypot(*np.gradient(light))
    edges = change > max(EDGE, NOISE * float(np.median(change)))
    return Regions(ndimage.label(~edges)[0])


MIN_BOX = 0.03  # of the picture: the box around a sheet, and of that box: the sheet
MIN_CUT_BOX = 0.25  # of the picture: the box around a sheet that reaches beyond the picture


def _list_large(regions: Regions) -> list[Region]:
    """Lists the regions that are large enough for a sheet.

    A region that reaches from side to side is left out: it may be a row of ruled paper.
    """
    starts, ends = regions.starts == 0, regions.stops == regions.numbers.shape
    least = np.where((starts | ends).any(axis=1), MIN_CUT_BOX, MIN_BOX)
    large = regions.sides.prod(axis=1) > least * regions.numbers.size
    fits = large & ~(starts & ends).any(axis=1)
    return [regions.cut_out(number) for number in np.flatnonzero(fits).tolist()]


BLANK = 0.4  # of a sheet: at least as much has no writing on it
STRAIGHT = 0.85  # of the smallest rectangle around a sheet, which fills more; a 0 fills 0.79
WRITING = 0.15  # of a sheet's longer side: the writing on it is longer
ANGLES = np.radians(np.arange(0, 90, 3))  # of the rectangles that are tried


def _fill_sheet(region: Region) -> Region | None:
    """Fills the writing in a region; returns None if it is no sheet or has no writing."""
    box, mask = region
    filled = ndimage.binary_fill_holes(mask)
    area = filled.sum()
    if area < MIN_BOX * mask.size or mask.sum() < BLANK * area:
        return None
    writing = Regions(ndimage.label(filled & ~mask)[0]).lengths.max(initial=0)
    y, x = np.nonzero(filled & ~ndimage.binary_erosion(filled))
    turned = [(np.cos(a) * x + np.sin(a) * y, np.cos(a) * y - np.sin(a) * x) for a in ANGLES]
    rectangle = min((np.ptp(across) + 1) * (np.ptp(down) + 1) for across, down in turned)
    is_sheet = area > STRAIGHT * rectangle and writing > WRITING * max(mask.shape)
    return Region(box, filled) if is_sheet else None
