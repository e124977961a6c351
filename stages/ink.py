"""Finds the one digit in a picture, and draws it as MNIST's digits are drawn."""

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from stages.dataset import SIDE
from stages.errors import InputError
from stages.frame import BOX, Grey, framed
from stages.paper import inside

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SHEETS = 2  # a box on a sheet of paper on a table
SIZE = 400  # pixels, the longer side of a picture while a digit is looked for
COARSE = 64  # pixels, the same for its light
WINDOW = SIZE // 3  # no stroke is wider, no shadow narrower
FEW = 0.4  # of all cubes: see `_skew`
LEAST = 20  # pixels of ink
CONTRAST = 0.08  # of the paper's light, that ink takes away at least
NOISE = 5  # standard deviations of the paper that ink takes away at least
GAP = 0.12  # of the digit's height, between parts of a digit at most
SOFT = 30  # pixels from paper to ink; the darker side of even a gradient is softer
SMALLEST = 12  # pixels, the longer side of a digit
ANOTHER = 0.3  # of the digit's ink: another digit, not dirt
TALL = 0.7  # of the digit's height, likewise
WIDEST = 2.2  # times its height; a 5 of MNIST has 2.1
SPECK = 0.15  # of the largest part's length: smaller ones are dirt
LARGE = 160  # pixels, the longer side of a digit while it is drawn anew
SOLID = 0.4  # a stroke's width on the digit's longer side: in MNIST at most 0.3
THIN, THICK = 0.095, 0.16  # a stroke's width on a digit's longer side


def digit(grey: Grey) -> Grey:
    """Cuts out the digit of a picture (h, w) and gives it as MNIST would: (28, 28).

    Dark on light or light on dark, 0 is black, on a sheet that fills the picture or lies in it.
    An image of MNIST's stays as it is.

    Raises:
        InputError: there is no digit, or more than one.
    """
    if (image := _of_mnist(grey)) is not None:
        return image
    for _ in range(SHEETS):
        if (sheet := inside(grey)) is not None:
            grey = sheet
    ink = _ink(_resized(grey.astype(np.float32), SIZE))
    level = _level(ink)
    parts = _digit_parts(_sharp(ink > level, ink, level))
    return framed(_drawn(ink, parts, level))


def _of_mnist(grey: Grey) -> Grey | None:
    """Gives an image of MNIST's, of either polarity, as MNIST has it; nothing for any other."""
    image = grey if grey[0, 0] < 128 else 255 - grey
    if image.shape != (SIDE, SIDE) or not image.any():
        return None
    cut = image[_box(image > 0)]
    is_framed = BOX / 2 < max(cut.shape) <= BOX and np.array_equal(framed(cut), image)
    return image if is_framed else None


def _box(mask: Mask) -> tuple[slice, slice]:
    """Gives the rows and the columns from the first to the last that is not empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _resized(values: Floats, size: int) -> Floats:
    """Scales an array until its longer side is `size`; small is made of means, large is smooth."""
    scale = size / max(values.shape)
    height, width = (max(1, round(side * scale)) for side in values.shape)
    filter_ = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    return np.asarray(Image.fromarray(values).resize((width, height), filter_))


def _ink(grey: Floats) -> Floats:
    """Gives the share of the paper's light that is missing, about 0 to 1, whatever the light.

    The paper beneath the ink is what a closing leaves: all dark narrower than a window is filled
    with what is around it, and shadows, which are wider, stay.
    """
    smooth = ndimage.gaussian_filter(grey, 1.2)
    ground = ndimage.median_filter(_resized(smooth, COARSE), COARSE // 2, mode="nearest")
    rare = smooth - np.asarray(Image.fromarray(ground).resize(smooth.shape[::-1]))
    if _skew(rare) > 0:  # ink is lighter than the paper
        smooth = 255 - smooth
    paper = ndimage.grey_closing(smooth, WINDOW, mode="nearest")
    return np.asarray(1 - smooth / np.maximum(paper, 32), np.float32)


def _skew(rare: Floats) -> float:
    """Adds up cubes; what reaches the border counts only if nothing else is there.

    In the corners a median does not follow the edge of a shadow.
    """
    cubes = rare**3
    numbers, _ = ndimage.label(np.abs(rare) > np.abs(rare).max() / 3)
    border = np.concatenate([numbers[[0, -1]].ravel(), numbers[:, [0, -1]].ravel()])
    inner = cubes[(numbers > 0) & ~np.isin(numbers, border)]
    few = np.abs(inner).sum() < FEW * np.abs(cubes).sum()
    return float(cubes.sum() if few else inner.sum())


def _level(ink: Floats) -> float:
    """Finds the share that separates ink from paper, half of what strokes take away.

    Raises:
        InputError: there is no ink that stands out from the paper's noise.
    """
    low, paper = np.percentile(ink, (10, 30))
    found = ink[ink > paper + max(CONTRAST, NOISE * (paper - low))]
    if found.size < LEAST:
        raise InputError("no digit found: nothing stands out from the paper")
    return float(np.median(found[found > _otsu(found)]) + paper) / 2


def _otsu(values: Floats) -> float:
    """Splits values in two kinds, each as alike as can be.

    Source: N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions
    on Systems, Man and Cybernetics 9, 1979.
    """
    ordered = np.sort(values)
    below = np.arange(1, len(ordered))
    sums = np.cumsum(ordered, dtype=np.float64)
    apart = sums[:-1] / below - (sums[-1] - sums[:-1]) / (len(ordered) - below)
    return float(ordered[np.argmax(below * (len(ordered) - below) * apart**2)])


def _sharp(mask: Mask, ink: Floats, level: float) -> Mask:
    """Keeps what has edges as strokes have, not what is light and shadow.

    Raises:
        InputError: there is nothing else.
    """
    numbers, count = ndimage.label(mask, np.ones((3, 3)))
    edge = np.where(ndimage.binary_erosion(mask), 0, numbers)
    slope = ndimage.mean(np.hypot(*np.gradient(ink)), edge, np.arange(1, count + 1))
    sharp = np.flatnonzero(slope > 2 * level / SOFT)
    if not len(sharp):
        raise InputError("no digit found: nothing but light and shadow")
    return np.isin(numbers, sharp + 1)


def _digit_parts(mask: Mask) -> Mask:
    """Keeps what belongs to the digit, of all that is ink.

    Raises:
        InputError: nothing is large enough for a digit, or several things are.
    """
    numbers, _ = ndimage.label(mask, np.ones((3, 3)))
    boxes = ndimage.find_objects(numbers)
    area = np.bincount(numbers.ravel())[1:]
    length = np.array(
        [max(box[0].stop - box[0].start, box[1].stop - box[1].start) for box in boxes]
    )
    # Shadows' corners, a table's edge and ruled lines reach the border, and so do tight cuts.
    inner = np.array([box[0].start > 0 and box[1].start > 0 for box in boxes])
    inner &= [box[0].stop < mask.shape[0] and box[1].stop < mask.shape[1] for box in boxes]
    if length[inner].max(initial=0) < min(length.max() / 4, SIZE / 10):
        inner[:] = True
    main = int(np.argmax(area * inner))
    if length[main] < SMALLEST:
        raise InputError("no digit found: only specks")
    kept = np.isin(numbers, 1 + np.flatnonzero(inner & (length > SPECK * length[main])))
    # Parts with a small gap between them, as the bar of a 5, are one.
    near = ndimage.distance_transform_edt(~kept) <= GAP / 2 * length[main]
    groups = np.where(kept, ndimage.label(near, np.ones((3, 3)))[0], 0)
    parts: Mask = groups == groups[numbers == main + 1][0]
    others = np.bincount(groups.ravel())[1:]
    height, width = np.ptp(np.nonzero(parts), axis=1) + 1
    if others.sum() > 2 * parts.sum():
        raise InputError("no digit found: what stands out is scattered")
    heights = np.array([box[0].stop - box[0].start for box in ndimage.find_objects(groups)])
    large = (others > ANOTHER * parts.sum()) | (heights > TALL * height)  # a 1 has little ink
    if large.sum() > 1:
        raise InputError("several digits found; expected one: cut the picture apart")
    if width > WIDEST * height:
        raise InputError("no digit found: what stands out is wider than one; cut out a digit")
    return parts


def _drawn(ink: Floats, parts: Mask, level: float) -> Grey:
    """Draws a digit with strokes as wide as MNIST's, within 20x20 pixels.

    Raises:
        InputError: it is too solid for a digit.
    """
    near = ndimage.binary_dilation(parts, iterations=2)
    box = _box(near)
    mask = np.pad(_resized(np.where(near, ink, 0)[box], LARGE) > level, LARGE // 4)
    inside = ndimage.distance_transform_edt(mask)
    outside = ndimage.distance_transform_edt(~mask)
    width = 4 * inside[mask].mean()  # the mean distance to the edge is a quarter of a stroke
    length = max(mask[_box(mask)].shape)
    if width > SOLID * length:
        raise InputError("no digit found: what stands out has no strokes")
    wanted = np.clip(width / length, THIN, THICK)
    wider = (wanted * length - width) / (2 * (1 - wanted))  # on each side
    drawn = np.where(mask, 0.5 - inside, outside - 0.5) < wider
    small = _resized(drawn[_box(drawn)].astype(np.float32) * 255, BOX)
    return np.rint(small).astype(np.uint8)
