"""Finds the digits among the strokes of a picture: one digit, or clusters of them on a sheet.

A cluster is a region of strokes that are close together: a digit, or several that touch or nearly
do.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from tools.recognize.images import SEARCH_SIZE, Mask, bounding_box
from tools.recognize.lines import find_lines
from tools.recognize.regions import DIAGONALS, Region, Regions, Selected

GAP = 0.12  # of the length of a digit's largest part: parts that are closer belong together
WIDE_GAP = 0.5  # the same, where there is no room for two digits
SPECK = 0.15  # of the same: shorter parts are dirt
MAX_PARTS = 5  # of a digit; more are several digits in a table
SMALLEST = 12  # pixels: the longer side of a digit's largest part


AREA, HEIGHT = 0.3, 0.7  # of the digit's: what has more is another digit; a 1 has little area


def find_one(strokes: Mask, gap: float) -> Region | None:
    """Finds the strokes of the one digit that there is; None if there may be several, or none."""
    regions = Regions.of(strokes)
    inner, lengths = regions.select_inner(), regions.lengths
    # The corners of shadows, the edge of a table and ruled lines touch the border. So does a digit
    # that is cut out tightly: then little else is there. A shadow along one side touches three.
    if lengths[inner].max(initial=0) < min(lengths.max() / 4, SEARCH_SIZE / 10):
        inner = ((regions.starts == 0).sum(1) + (regions.stops == strokes.shape).sum(1)) != 3
    largest = int(np.argmax(regions.areas * inner))
    length = lengths[largest] * inner[largest]
    if length < SMALLEST:
        return None
    groups = _group_near(regions.draw(inner & (lengths > SPECK * length)), gap * length)
    digit = groups.numbers[regions.numbers == largest + 1][0] - 1
    areas, heights = groups.areas, groups.heights
    others = (areas > AREA * areas[digit]) | (heights > HEIGHT * heights[digit])
    is_alone = others.sum() == 1 and areas.sum() <= 2 * areas[digit]
    parts = np.unique(regions.numbers[groups.numbers == digit + 1])
    return groups.cut_out(digit) if is_alone and len(parts) <= MAX_PARTS else None


def _group_near(kept: Mask, gap: float) -> Regions:
    """Groups strokes, some at least, between which there is no more than a gap, in pixels."""
    box = bounding_box(kept)
    near = ndimage.distance_transform_edt(~kept[box]) <= gap / 2
    numbers = np.zeros(kept.shape, np.int32)
    numbers[box] = np.where(kept[box], ndimage.label(near, DIAGONALS)[0], 0)
    return Regions(numbers)


MIN_HEIGHT, MAX_HEIGHT = 0.3, 2.5  # of the usual height: what is lower is dirt; higher, a drawing
AT_BORDER = 1.5  # of the same: what touches the picture's border and is longer is no digit
MAX_CLUSTERS = 400  # more are a pattern


def find_clusters(strokes: Mask, tall: float | None) -> list[Region]:
    """Finds the clusters of digits on a sheet, in no order; none in a pattern.

    With `tall`, in pixels, straight lines are removed first: see `find_lines`.
    """
    if tall:
        strokes = strokes & ~find_lines(strokes, tall)
    regions = Regions.of(strokes)
    written, inner = ~_select_frames(regions), regions.select_inner()
    usual = _weighted_median(regions.heights[written & inner], regions.areas[written & inner])
    if usual < SMALLEST / 2:
        return []
    written &= inner | (regions.lengths < AT_BORDER * usual)
    groups = _group_near(regions.draw(written & (regions.lengths > SPECK * usual)), GAP * usual)
    fits = (groups.heights > MIN_HEIGHT * usual) & (groups.heights < MAX_HEIGHT * usual)
    found = np.flatnonzero(fits).tolist()
    return [groups.cut_out(number) for number in found] if len(found) <= MAX_CLUSTERS else []


def measure_usual_height(clusters: list[Region]) -> float:
    """Returns the median height of clusters, weighted with the areas of their ink."""
    areas = np.array([cluster.mask.sum() for cluster in clusters])
    return _weighted_median(np.array([len(cluster.mask) for cluster in clusters]), areas)


def _weighted_median(values: npt.NDArray[np.int64], weights: npt.NDArray[np.int64]) -> float:
    """Returns the weighted median; 0 of nothing."""
    if not len(values):
        return 0.0
    return float(np.quantile(values, 0.5, weights=weights, method="inverted_cdf"))


FRAMED = 0.15  # of a frame's height: what is in it and higher, and no speck, is written in it
MAX_FRAMES = 50  # so many of the highest regions may be frames


def _select_frames(regions: Regions) -> Selected:
    """Selects the regions with something written in their box: drawn boxes and tables."""
    starts, stops, heights = regions.starts, regions.stops, regions.heights
    frames = np.zeros(len(heights), bool)
    for number in np.argsort(heights)[::-1][:MAX_FRAMES]:
        within = (starts > starts[number]).all(axis=1) & (stops < stops[number]).all(axis=1)
        least = max(SMALLEST / 2, FRAMED * heights[number])
        frames[number] = (within & (heights > least)).any()
    return frames
