"""Finds the one digit in a picture, and draws it as MNIST's digits are drawn."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from stages.formats.task import SIDE
from stages.harness.errors import InputError
from tools.recognize.contrast import find_threshold, measure_contrast
from tools.recognize.frame import DIGIT_SIZE, place_in_frame
from tools.recognize.images import SEARCH_SIZE, Floats, Grey, Mask, bounding_box, resize_longer_side
from tools.recognize.sheet import find_sheet

SHEETS = 2  # one inside the other: a box that is drawn on a sheet of paper on a table
NEIGHBOURS = np.ones((3, 3))  # diagonal pixels are connected too


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
    if (image := _match_mnist(picture)) is not None:
        return image
    for _ in range(SHEETS):
        if (sheet := find_sheet(picture)) is not None:
            picture = sheet
    contrast = measure_contrast(resize_longer_side(picture, SEARCH_SIZE))
    threshold = find_threshold(contrast)
    strokes = _select_sharp(contrast, threshold)
    return place_in_frame(_redraw(contrast, _select_digit(strokes), threshold))


def _match_mnist(picture: Grey) -> Grey | None:
    """Gives the picture, light on dark, if it is framed as MNIST's images are."""
    image = picture if picture[0, 0] < 128 else 255 - picture
    if image.shape != (SIDE, SIDE) or not image.any():
        return None
    digit = image[bounding_box(image > 0)]
    fits = DIGIT_SIZE / 2 < max(digit.shape) <= DIGIT_SIZE
    return image if fits and np.array_equal(place_in_frame(digit), image) else None


SOFTEST = 30  # pixels from background to stroke; even the dark side of a gradient takes more


def _select_sharp(contrast: Floats, threshold: float) -> Mask:
    """Selects the regions above a threshold whose edges are as sharp as those of strokes.

    Raises:
        InputError: there is none.
    """
    mask = contrast > threshold
    numbers, count = ndimage.label(mask, NEIGHBOURS)
    edges = np.where(ndimage.binary_erosion(mask), 0, numbers)
    slopes = ndimage.mean(np.hypot(*np.gradient(contrast)), edges, np.arange(1, count + 1))
    sharp = np.flatnonzero(slopes > 2 * threshold / SOFTEST)
    if not len(sharp):
        raise InputError("no digit found: nothing but light and shadow")
    return np.isin(numbers, sharp + 1)


GAP = 0.12  # of the length of a digit's largest part: parts that are closer belong together
SPECK = 0.15  # of the same: shorter parts are dirt
SMALLEST = 12  # pixels: the longer side of a digit's largest part


def _select_digit(strokes: Mask) -> Mask:
    """Selects the strokes that belong to the digit.

    Raises:
        InputError: nothing is large enough for a digit, or several things are.
    """
    numbers, _ = ndimage.label(strokes, NEIGHBOURS)
    areas, (starts, stops) = np.bincount(numbers.ravel())[1:], _measure_boxes(numbers)
    lengths = (stops - starts).max(axis=1)
    # The corners of shadows, the edge of a table and ruled lines touch the border. So does a
    # digit that is cut out tightly.
    inner = ((starts > 0) & (stops < strokes.shape)).all(axis=1)
    if lengths[inner].max(initial=0) < min(lengths.max() / 4, SEARCH_SIZE / 10):
        inner[:] = True
    largest = int(np.argmax(areas * inner))
    if lengths[largest] < SMALLEST:
        raise InputError("no digit found: only specks")
    kept = np.isin(numbers, 1 + np.flatnonzero(inner & (lengths > SPECK * lengths[largest])))
    near = ndimage.distance_transform_edt(~kept) <= GAP / 2 * lengths[largest]
    groups = np.where(kept, ndimage.label(near, NEIGHBOURS)[0], 0)
    number = groups[numbers == largest + 1][0]
    _check_alone(groups, number - 1)
    return np.asarray(groups == number)


def _measure_boxes(numbers: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Gives where numbered regions start and stop, in rows and columns: int64 (2, n, 2)."""
    boxes = ndimage.find_objects(numbers)
    bounds = np.array([[(place.start, place.stop) for place in box] for box in boxes])
    return bounds.transpose(2, 0, 1)


AREA, HEIGHT = 0.3, 0.7  # of the digit's: what has more is another digit; a 1 has little area
WIDEST = 2.2  # times its height; a 5 of MNIST has 2.1


def _check_alone(groups: npt.NDArray[np.integer], digit: int) -> None:
    """Raises an InputError if there is more than one digit, or none."""
    areas, (starts, stops) = np.bincount(groups.ravel())[1:], _measure_boxes(groups)
    heights, widths = (stops - starts).T
    if areas.sum() > 2 * areas[digit]:
        raise InputError("no digit found: what stands out is scattered")
    if ((areas > AREA * areas[digit]) | (heights > HEIGHT * heights[digit])).sum() > 1:
        raise InputError("several digits found; expected one: cut the picture apart")
    if widths[digit] > WIDEST * heights[digit]:
        raise InputError("no digit found: what stands out is wider than a digit; cut one out")


DRAWING_SIZE = 160  # pixels: the longer side of a digit while it is redrawn
SOLID = 0.4  # of a digit's longer side: a wider stroke is none; MNIST's are at most 0.3
THINNEST, THICKEST = 0.095, 0.16  # of a digit's longer side: the strokes that are drawn


def _redraw(contrast: Floats, parts: Mask, threshold: float) -> Grey:
    """Draws a digit with strokes as wide as MNIST's: uint8 (h, w) within (20, 20).

    Raises:
        InputError: it has no strokes.
    """
    near = ndimage.binary_dilation(parts, iterations=2)
    cut = np.where(near, contrast, 0)[bounding_box(near)]
    mask = np.pad(resize_longer_side(cut, DRAWING_SIZE) > threshold, DRAWING_SIZE // 4)
    inside = ndimage.distance_transform_edt(mask)
    outside = ndimage.distance_transform_edt(~mask)
    width = 4 * inside[mask].mean()  # the mean distance to the edge is a quarter of a stroke
    length = max(mask[bounding_box(mask)].shape)
    if width > SOLID * length:
        raise InputError("no digit found: what stands out has no strokes")
    share = np.clip(width / length, THINNEST, THICKEST)
    wider = (share * length - width) / (2 * (1 - share))  # on each side
    drawn = np.where(mask, 0.5 - inside, outside - 0.5) < wider
    small = resize_longer_side(drawn[bounding_box(drawn)].astype(np.float32) * 255, DIGIT_SIZE)
    return np.rint(small).astype(np.uint8)
