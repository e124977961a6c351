"""Finds the digits among the strokes of a picture: one digit, or clusters of them on a sheet."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from stages.harness.errors import InputError
from tools.recognize.images import SEARCH_SIZE, Box, Mask
from tools.recognize.ink import NEIGHBOURS

Numbers = npt.NDArray[np.integer]  # (h, w): 1 to n in n regions, 0 between them

GAP = 0.12  # of the length of a digit's largest part: parts that are closer belong together
WIDE_GAP = 0.5  # the same, where there is no room for two digits
SPECK = 0.15  # of the same: shorter parts are dirt
SMALLEST = 12  # pixels: the longer side of a digit's largest part


class Cluster(NamedTuple):
    """Strokes that are close together: a digit, or several that touch or nearly do."""

    box: Box
    mask: Mask  # (h, w) of the box: which of its pixels belong to the cluster


def find_one(strokes: Mask, gap: float = GAP) -> Cluster | None:
    """Finds the strokes of the one digit that there is; None if there may be several.

    Raises:
        InputError: nothing is large enough for a digit.
    """
    numbers, _ = ndimage.label(strokes, NEIGHBOURS)
    areas, (starts, stops) = np.bincount(numbers.ravel())[1:], _measure_boxes(numbers)
    lengths = (stops - starts).max(axis=1)
    inner = _select_inner(starts, stops, strokes.shape)
    largest = int(np.argmax(areas * inner))
    if lengths[largest] < SMALLEST:
        raise InputError("no digit found: only specks")
    kept = np.isin(numbers, 1 + np.flatnonzero(inner & (lengths > SPECK * lengths[largest])))
    groups = _group_near(kept, gap * lengths[largest])
    number = groups[numbers == largest + 1][0]
    return _cut_out(groups, number) if _is_alone(groups, number - 1) else None


def _measure_boxes(numbers: Numbers) -> npt.NDArray[np.int64]:
    """Gives where numbered regions start and stop, in rows and columns: int64 (2, n, 2)."""
    boxes = ndimage.find_objects(numbers)
    bounds = np.array([[(place.start, place.stop) for place in box] for box in boxes])
    return bounds.reshape(-1, 2, 2).transpose(2, 0, 1)


def _select_inner(
    starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64], shape: tuple[int, ...]
) -> npt.NDArray[np.bool_]:
    """Selects the regions (n,) that do not touch the border, if they are not too small.

    The corners of shadows, the edge of a table and ruled lines touch the border. So does a digit
    that is cut out tightly.
    """
    lengths = (stops - starts).max(axis=1)
    inner = np.asarray(((starts > 0) & (stops < shape)).all(axis=1))
    if lengths[inner].max(initial=0) < min(lengths.max() / 4, SEARCH_SIZE / 10):
        inner[:] = True
    return inner


def _group_near(kept: Mask, gap: float) -> Numbers:
    """Numbers the groups of strokes between which there is more than a gap, in pixels."""
    near = ndimage.distance_transform_edt(~kept) <= gap / 2
    return np.where(kept, ndimage.label(near, NEIGHBOURS)[0], 0)


def _cut_out(groups: Numbers, number: int) -> Cluster:
    box = ndimage.find_objects(groups)[number - 1]
    return Cluster(box, groups[box] == number)


AREA, HEIGHT = 0.3, 0.7  # of the digit's: what has more is another digit; a 1 has little area


def _is_alone(groups: Numbers, digit: int) -> bool:
    """Says whether nothing beside a digit is large enough for another one."""
    areas, (starts, stops) = np.bincount(groups.ravel())[1:], _measure_boxes(groups)
    heights = stops[:, 0] - starts[:, 0]
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
    numbers, _ = ndimage.label(strokes, NEIGHBOURS)
    areas, (starts, stops) = np.bincount(numbers.ravel())[1:], _measure_boxes(numbers)
    inner = ((starts > 0) & (stops < strokes.shape)).all(axis=1)
    kept = inner & ~_find_frames(areas, starts, stops)
    heights = (stops - starts)[:, 0]
    usual = _measure_median(heights[kept], areas[kept]) if kept.any() else 0
    if usual < SMALLEST / 2:
        raise InputError("no digit found: only specks")
    lengths = (stops - starts).max(axis=1)
    kept &= lengths > SPECK * usual
    groups = _group_near(np.isin(numbers, 1 + np.flatnonzero(kept)), GAP * usual)
    starts, stops = _measure_boxes(groups)
    heights = stops[:, 0] - starts[:, 0]
    found = np.flatnonzero((heights > LOWEST * usual) & (heights < HIGHEST * usual))
    if not 0 < len(found) <= MOST:
        raise InputError("no digit found: what stands out is scattered")
    boxes = ndimage.find_objects(groups)
    return [Cluster(boxes[number], groups[boxes[number]] == number + 1) for number in found]


def measure_usual_height(clusters: list[Cluster]) -> float:
    """Gives the median height of clusters, at least one, weighted with the areas of their ink."""
    areas = np.array([cluster.mask.sum() for cluster in clusters])
    return _measure_median(np.array([len(cluster.mask) for cluster in clusters]), areas)


def _measure_median(values: npt.NDArray[np.int64], weights: npt.NDArray[np.int64]) -> float:
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, below[-1] / 2)])


def _find_frames(
    areas: npt.NDArray[np.int64], starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Finds the regions (n,) with something written in their box: drawn boxes and tables."""
    heights = stops[:, 0] - starts[:, 0]
    frames = np.zeros(len(areas), bool)
    for number in np.argsort(heights)[::-1][:50]:
        within = (starts > starts[number]).all(axis=1) & (stops < stops[number]).all(axis=1)
        frames[number] = (within & (heights > HELD * heights[number])).any()
    return frames
