"""Finds the digits among the strokes of a picture: one digit, or clusters of them on a sheet."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from stages.harness.errors import InputError
from tools.recognize.images import SEARCH_SIZE, Box, Mask, bounding_box
from tools.recognize.ink import NEIGHBOURS

Numbers = npt.NDArray[np.integer]  # (h, w): 1 to n in n regions, 0 between them
Selected = npt.NDArray[np.bool_]  # (n,): some of the regions

GAP = 0.12  # of the length of a digit's largest part: parts that are closer belong together
WIDE_GAP = 0.5  # the same, where there is no room for two digits
SPECK = 0.15  # of the same: shorter parts are dirt
SMALLEST = 12  # pixels: the longer side of a digit's largest part


class Cluster(NamedTuple):
    """Strokes that are close together: a digit, or several that touch or nearly do."""

    box: Box
    mask: Mask  # (h, w) of the box: which of its pixels belong to the cluster


class Regions:
    """Numbered regions of a picture, and where each starts and stops."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.boxes = ndimage.find_objects(numbers)
        self.areas = np.bincount(numbers.ravel())[1:]
        bounds = np.array([[(place.start, place.stop) for place in box] for box in self.boxes])
        self.starts, self.stops = bounds.reshape(-1, 2, 2).transpose(2, 0, 1)  # (n, 2)
        sides = self.stops - self.starts
        self.heights, self.lengths = sides[:, 0], sides.max(axis=1, initial=0)

    def select_inner(self) -> Selected:
        """Selects the regions that do not touch the border."""
        return np.asarray(((self.starts > 0) & (self.stops < self.numbers.shape)).all(axis=1))

    def draw(self, selected: Selected) -> Mask:
        """Draws the selected regions."""
        return np.concatenate([[False], selected])[self.numbers]

    def cut_out(self, number: int) -> Cluster:
        """Cuts out a region, counted from 0."""
        box = self.boxes[number]
        return Cluster(box, self.numbers[box] == number + 1)


def find_one(strokes: Mask, gap: float = GAP) -> Cluster | None:
    """Finds the strokes of the one digit that there is; None if there may be several.

    Raises:
        InputError: nothing is large enough for a digit.
    """
    regions = Regions(ndimage.label(strokes, NEIGHBOURS)[0])
    inner = _select_inner(regions)
    largest = int(np.argmax(regions.areas * inner))
    length = regions.lengths[largest]
    if length < SMALLEST:
        raise InputError("no digit found: only specks")
    kept = regions.draw(inner & (regions.lengths > SPECK * length))
    groups = _group_near(kept, gap * length)
    box = regions.boxes[largest]
    digit = groups.numbers[box][regions.numbers[box] == largest + 1][0] - 1
    return groups.cut_out(digit) if _is_alone(groups, digit) else None


def _select_inner(regions: Regions) -> Selected:
    """Selects the regions that do not touch the border, if they are not too small.

    The corners of shadows, the edge of a table and ruled lines touch the border. So does a digit
    that is cut out tightly.
    """
    inner, lengths = regions.select_inner(), regions.lengths
    if lengths[inner].max(initial=0) < min(lengths.max() / 4, SEARCH_SIZE / 10):
        inner[:] = True
    return inner


def _group_near(kept: Mask, gap: float) -> Regions:
    """Groups strokes, some at least, between which there is no more than a gap, in pixels."""
    box = bounding_box(kept)
    near = ndimage.distance_transform_edt(~kept[box]) <= gap / 2
    numbers = np.zeros(kept.shape, np.int32)
    numbers[box] = np.where(kept[box], ndimage.label(near, NEIGHBOURS)[0], 0)
    return Regions(numbers)


AREA, HEIGHT = 0.3, 0.7  # of the digit's: what has more is another digit; a 1 has little area


def _is_alone(groups: Regions, digit: int) -> bool:
    """Says whether nothing beside a digit is large enough for another one."""
    areas, heights = groups.areas, groups.heights
    others = (areas > AREA * areas[digit]) | (heights > HEIGHT * heights[digit])
    return bool(areas.sum() <= 2 * areas[digit] and others.sum() == 1)


LOWEST = 0.5  # of the usual height: what is lower and no wider is a dash, a dot or dirt
HIGHEST = 2.5  # of the same: what is higher is a drawing
HELD = 0.15  # of a frame's height: what is in it and higher is written in it
MOST = 400  # clusters: more are a pattern


def find_clusters(strokes: Mask) -> list[Cluster]:
    """Finds the clusters of digits on a sheet, in no order.

    Raises:
        InputError: what stands out is a pattern, or too small.
    """
    regions = Regions(ndimage.label(strokes, NEIGHBOURS)[0])
    written = regions.select_inner() & ~_find_frames(regions)
    usual = _measure_median(regions.heights[written], regions.areas[written])
    if usual < SMALLEST / 2:
        raise InputError("no digit found: only specks")
    kept = regions.draw(written & (regions.lengths > SPECK * usual))
    groups = _group_near(kept, GAP * usual)
    fits = (groups.heights > LOWEST * usual) & (groups.heights < HIGHEST * usual)
    if not 0 < fits.sum() <= MOST:
        raise InputError("no digit found: what stands out is scattered")
    return [groups.cut_out(number) for number in np.flatnonzero(fits).tolist()]


def measure_usual_height(clusters: list[Cluster]) -> float:
    """Gives the median height of clusters, weighted with the areas of their ink."""
    areas = np.array([cluster.mask.sum() for cluster in clusters])
    return _measure_median(np.array([len(cluster.mask) for cluster in clusters]), areas)


def _measure_median(values: npt.NDArray[np.int64], weights: npt.NDArray[np.int64]) -> float:
    """Gives the weighted median; 0 of nothing."""
    if not len(values):
        return 0.0
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, below[-1] / 2)])


def _find_frames(regions: Regions) -> Selected:
    """Finds the regions with something written in their box: drawn boxes and tables."""
    starts, stops, heights = regions.starts, regions.stops, regions.heights
    frames = np.zeros(len(heights), bool)
    for number in np.argsort(heights)[::-1][:50]:
        within = (starts > starts[number]).all(axis=1) & (stops < stops[number]).all(axis=1)
        frames[number] = (within & (heights > HELD * heights[number])).any()
    return frames
