"""Removes the lines of ruled paper from strokes, and leaves the strokes that cross them.

As the lines of a staff are removed from printed music: where a line's column is no thicker than
the line, nothing crosses it. Source: C. Dalitz, M. Droettboom, B. Pranzas and I. Fujinaga, "A
Comparative Study of Staff Removal Algorithms", IEEE Transactions on Pattern Analysis and Machine
Intelligence 30, 2008.
"""

import numpy as np
from scipy import ndimage

from tools.recognize.images import Mask
from tools.recognize.regions import Regions

LINES_SIZE = 200  # pixels: the longer side, about, of the strokes that lines are looked for in
SPAN = 0.85  # of a picture's side: lines reach as far, and so do hardly any digits
STRETCH = 0.4  # of the same: a line is straight for as long
COVERED = 0.9  # of a stretch is ink
SLOPES = np.linspace(-0.12, 0.12, 25)  # of the lines that are looked for
LINE_QUANTILE = 0.25  # of a line's thicknesses: strokes that cross it are thicker
MAX_THICKNESS = 0.03  # of a picture's longer side: what is thicker is a stroke
CROSSED = 1.3  # times a line's thickness: what is thicker is crossed by a stroke
VERTICAL = [[0, 1, 0]] * 3  # for `label`: pixels of a column are connected


def remove_lines(strokes: Mask) -> Mask:
    """Removes lines that reach from side to side, or from top to bottom.

    Returns bool (h, w), the same array if there is no line.
    """
    for turned in (False, True):
        across = strokes.T if turned else strokes
        if (Regions.of(across).sides[:, 1] > SPAN * across.shape[1]).any():
            without = _remove_level_lines(np.ascontiguousarray(across))
            if without is not None:
                strokes = without.T if turned else without
    return strokes


def _remove_level_lines(strokes: Mask) -> Mask | None:
    """Removes lines that are nearly level; returns None if there are none."""
    step = max(1, max(strokes.shape) // LINES_SIZE)
    small = ndimage.maximum_filter1d(strokes, step + 2, axis=0)[::step, ::step]
    lines = _find_level_lines(small)
    if lines.any(axis=0).mean() < SPAN:
        return None
    rows, columns = (np.arange(side) // step for side in strokes.shape)
    lines = lines[np.ix_(rows, columns)]
    numbers, _ = ndimage.label(strokes, VERTICAL)
    thickness = np.bincount(numbers.ravel())[numbers]  # of the ink in a pixel's column
    usual = np.quantile(thickness[strokes & lines], LINE_QUANTILE)
    if usual > MAX_THICKNESS * max(strokes.shape):
        return None
    near = ndimage.maximum_filter1d(lines, 2 * int(usual) + 1, axis=0)
    return np.asarray(strokes & ~(near & (thickness <= CROSSED * usual + 1)))


def _find_level_lines(strokes: Mask) -> Mask:
    """Finds pixels in the middle of long stretches of ink, along each of the slopes."""
    height, width = strokes.shape
    lines = np.zeros(strokes.shape, bool)
    y, x = np.arange(height)[:, None], np.arange(width)[None]
    for slope in SLOPES:
        rows = y + np.rint(slope * (x - width / 2)).astype(np.int64)
        inside = (rows >= 0) & (rows < height)
        rows = rows.clip(0, height - 1)
        sheared = (strokes[rows, x] & inside).astype(np.float32)
        share = ndimage.uniform_filter1d(sheared, max(3, int(STRETCH * width)), axis=1)
        found = (share > COVERED) & inside
        lines[rows[found], np.nonzero(found)[1]] = True
    return lines
