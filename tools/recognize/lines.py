"""Finds straight lines, as of ruled paper and tables, without the strokes that cross them.

A line is slender and straight. So may a 1 be: an upright line is longer than digits, or ends at
level lines. Where a line's column is no thicker than the line, nothing crosses it. Source: C.
Dalitz, M. Droettboom, B. Pranzas and I. Fujinaga, "A Comparative Study of Staff Removal Algorithms"
(of music), IEEE Transactions on Pattern Analysis and Machine Intelligence 30, 2008.
"""

import numpy as np
from scipy import ndimage

from tools.recognize.images import Mask
from tools.recognize.regions import DIAGONALS, Regions

THICKNESSES = 4, 8, 12  # pixels, at any size of a picture: of lines, at most, one after the other
SLENDER = 15  # times as long as thick
SHORTEST = 30  # pixels: of lines between other lines
CROSSING = 15  # pixels: a stroke that crosses a line interrupts it for as long
COVERED = 0.75  # of a line's pixels are on the straight line through them
CROSSED = 1.3  # times a line's thickness: what is thicker is crossed by a stroke
VERTICAL = [[0, 1, 0]] * 3  # for `label`: pixels of a column are connected


def find_lines(strokes: Mask, tall: float) -> Mask:
    """Finds level lines, and upright ones that are longer than digits or end at level ones.

    Digits are lower than `tall`, in pixels; level lines are longer than half of it. Returns bool
    (h, w), without what crosses the lines.
    """
    level = _find_level_lines(strokes, tall / 2, np.zeros_like(strokes))
    return level | _find_level_lines(np.ascontiguousarray(strokes.T), tall, level.T).T


def _find_level_lines(strokes: Mask, least: float, others: Mask) -> Mask:
    """Finds lines from left to right: longer than `least`, or from upright line to upright line."""
    lines, shortest = np.zeros(strokes.shape, bool), SHORTEST if others.any() else least
    if Regions.of(strokes).sides[:, 1].max(initial=0) < shortest:
        return lines
    others = ndimage.maximum_filter(others, CROSSING)
    numbers, _ = ndimage.label(strokes, VERTICAL)
    thickness = np.bincount(numbers.ravel())[numbers]  # of the ink in a pixel's column
    rows, columns = np.ogrid[: strokes.shape[0], : strokes.shape[1]]
    for thickest in THICKNESSES:
        thin = strokes & (thickness <= thickest)
        joined, _ = ndimage.label(ndimage.maximum_filter1d(thin, CROSSING, axis=1), DIAGONALS)
        pieces = Regions(joined * thin)
        for number in np.flatnonzero(pieces.sides[:, 1] > shortest):
            y, x = np.nonzero(pieces.numbers == number + 1)
            length, usual = np.ptp(x), np.median(thickness[y, x])
            if length <= least and not others[y, x][[x.argmin(), x.argmax()]].all():
                continue
            # The line through the middles of the left and the right third of the piece.
            thirds = (x < x.min() + length / 3, x > x.max() - length / 3)
            across, down = ([np.median(at[third]) for third in thirds] for at in (x, y))
            slope, start = np.polyfit(across, down, 1)
            distance = np.abs(rows - slope * columns - start)
            straight = np.mean(distance[y, x] <= usual / 2 + 1) >= COVERED
            if straight and length > SLENDER * usual:
                # It may go on as far again on both sides, beyond strokes that cross it.
                near = (columns > x.min() - length) & (columns < x.max() + length)
                alone = thickness <= CROSSED * usual + 1
                lines |= strokes & near & alone & (distance <= 1.5 * usual)
    return lines
