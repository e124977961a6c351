"""Finds what a digit is written in: a sheet of paper on a table, or a box that was drawn."""

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from stages.frame import Grey

Mask = npt.NDArray[np.bool_]

SIZE = 400  # pixels, the longer side of a picture while edges are looked for
DARK = 32  # levels of grey: noise is no edge where there is hardly any light
EDGE = 0.045  # change of the logarithm of light from one pixel to the next
NOISE = 6  # times the middle one of all changes
LEAST = 0.03  # of the picture
LEAST_SEEN = 0.25  # likewise, of a sheet that reaches beyond it
MOST = 0.9  # likewise; more is a sheet that fills the picture
STRAIGHT = 0.85  # of the narrowest rectangle around it; a 0 fills 0.79 of it
WRITTEN = 0.15  # of the sheet's longer side: what is on it is at least as long
BLANK = 0.4  # of a sheet, that nothing is written on
BORDER = 0.02  # of the sheet's longer side: its shadow, or the box's line
ANGLES = np.radians(np.arange(0, 90, 3))


def inside(grey: Grey) -> Grey | None:
    """Cuts out the largest sheet or box with something on it, unless it fills the picture.

    What is around it becomes as light as its edge. Nothing is given where there is none.
    """
    numbers = _regions(grey)
    sheets = [sheet for box in _boxes(numbers) if (sheet := _sheet(*box)) is not None]
    sheets = [sheet for sheet in sheets if sheet[1].sum() < MOST * numbers.size]
    if not sheets:
        return None
    places, filled = max(sheets, key=lambda sheet: sheet[1].sum())
    mask = np.zeros(numbers.shape, bool)
    mask[places] = filled
    whole = np.asarray(Image.fromarray(mask).resize(grey.shape[::-1]))
    rows, columns = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    # A pixel more on each side: of the table, but where the sheet goes on beyond the picture.
    cut = (
        slice(max(0, rows[0] - 1), rows[-1] + 2),
        slice(max(0, columns[0] - 1), columns[-1] + 2),
    )
    smooth = ndimage.gaussian_filter(grey[cut], 3)
    margin = max(2, round(BORDER * max(smooth.shape)))
    within = ndimage.distance_transform_edt(whole[cut]) > margin
    nearest = ndimage.distance_transform_edt(~within, return_distances=False, return_indices=True)
    return np.asarray(np.where(within, grey[cut], smooth[tuple(nearest)]), np.uint8)


def _regions(grey: Grey) -> npt.NDArray[np.int32]:
    """Numbers what lies between edges, whatever light is on it; 0 is edges."""
    scale = SIZE / max(grey.shape)
    height, width = (max(2, round(side * scale)) for side in grey.shape)
    filter_ = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    small = Image.fromarray(grey.astype(np.float32)).resize((width, height), filter_)
    light = np.log(DARK + ndimage.gaussian_filter(np.asarray(small), 1.0).clip(0))
    change = np.hypot(*np.gradient(light))
    edges = change > max(EDGE, NOISE * float(np.median(change)))
    return np.asarray(ndimage.label(~edges)[0], np.int32)


def _boxes(numbers: npt.NDArray[np.int32]) -> list[tuple[tuple[slice, slice], Mask]]:
    """Lists the regions that are large enough: where, and what of it.

    What goes from side to side is left out: it may lie between the lines of ruled paper.
    """
    found = []
    for number, box in enumerate(ndimage.find_objects(numbers), 1):
        area = (box[0].stop - box[0].start) * (box[1].stop - box[1].start)
        touches = [
            (place.start == 0) + (place.stop == side)
            for place, side in zip(box, numbers.shape, strict=True)
        ]
        if (LEAST_SEEN if any(touches) else LEAST) * numbers.size < area and max(touches) < 2:
            found.append((box, numbers[box] == number))
    return found


def _sheet(places: tuple[slice, slice], mask: Mask) -> tuple[tuple[slice, slice], Mask] | None:
    """Fills what is written on a region; nothing for one that is no sheet, or blank."""
    filled = ndimage.binary_fill_holes(mask)
    area = filled.sum()
    if area < LEAST * mask.size or mask.sum() < BLANK * area:
        return None
    written = ndimage.find_objects(ndimage.label(filled & ~mask)[0])
    length = max((max(np.ptp([p.start, p.stop]) for p in box) for box in written), default=0)
    y, x = np.nonzero(filled & ~ndimage.binary_erosion(filled))
    turned = [(np.cos(a) * x + np.sin(a) * y, np.cos(a) * y - np.sin(a) * x) for a in ANGLES]
    rectangle = min((np.ptp(one) + 1) * (np.ptp(other) + 1) for one, other in turned)
    is_sheet = area > STRAIGHT * rectangle and length > WRITTEN * max(mask.shape)
    return (places, filled) if is_sheet else None
