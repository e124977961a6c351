"""Removes the lines of ruled paper from strokes, and leaves the strokes that cross them.

As the lines of a staff are removed from printed music: where a line's column is no thicker than
the line, nothing crosses it. Source: C. Dalitz, M. Droettboom, B. Pranzas and I. Fujinaga, "A
Comparative Study of Staff Removal Algorithms", IEEE Transactions on Pattern Analysis and Machine
Intelligence 30, 2008.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from tools.recognize.images import Mask

LINES_SIZE = 200  # pixels: the longer side, about, of the strokes that lines are looked for in
SPAN = 0.85  # of a picture's side: lines reach as far, and so do hardly any digits
STRETCH = 0.4  # of the same: a line is straight for as long
COVERED = 0.9  # of a stretch is ink
SLOPES = np.linspace(-0.12, 0.12, 25)  # of the lines that are looked for
OWN = 0.25  # quantile of a line's thicknesses: strokes that cross it are not its own
THICKEST = 0.03  # of a picture's longer side: what is thicker is a stroke
CROSSED = 1.3  # times a line's thickness: what is thicker is crossed by a stroke


def remove_lines(strokes: Mask) -> Mask:
    """Removes lines that reach from side to side, or from top to bottom.

    Args:
        strokes: bool (h, w).

    Returns:
        bool (h, w), the same array if there is no line.
    """
    for turned in (False, True):
        across = strokes.T if turned else strokes
        if _reaches_across(across):
            without = _remove_level_lines(np.ascontiguousarray(across))
            if without is not None:
                strokes = without.T if turned else without
    return strokes


def _reaches_across(strokes: Mask) -> bool:
    """Says whether connected ink reaches from the left almost to the right."""
    boxes = ndimage.find_objects(ndimage.label(strokes, np.ones((3, 3)))[0])
    return any(columns.stop - columns.start > SPAN * strokes.shape[1] for _, columns in boxes)


def _remove_level_lines(strokes: Mask) -> Mask | None:
    """Removes lines that are nearly level; None if there are none."""
    step = max(1, max(strokes.shape) // LINES_SIZE)
    small = ndimage.maximum_filter1d(strokes, step + 2, axis=0)[::step, ::step]
    lines = _find_level_lines(small)
    if lines.any(axis=0).mean() < SPAN:
        return None
    rows, columns = (np.asarray(np.arange(side) // step) for side in strokes.shape)
    lines = lines[rows[:, None], columns]
    thickness = _measure_thickness(strokes)
    usual = np.quantile(thickness[strokes & lines], OWN)
    if usual > THICKEST * max(strokes.shape):
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


def _measure_thickness(strokes: Mask) -> npt.NDArray[np.int64]:
    """Gives for each pixel of ink how many pixels of ink are connected in its column; int64."""
    padded = np.pad(strokes, ((1, 1), (0, 0))).T.ravel()  # columns one after the other
    starts = np.flatnonzero(padded[1:] & ~padded[:-1]) + 1
    stops = np.flatnonzero(padded[:-1] & ~padded[1:]) + 1
    lengths = np.zeros(padded.size, np.int64)
    lengths[padded] = np.repeat(stops - starts, stops - starts)
    return lengths.reshape(strokes.shape[1], -1).T[1:-1]
