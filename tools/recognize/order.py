"""Puts the digits of a sheet in the order in which people read them: rows from the left."""

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float64]  # (n, 4): left, top, width and height, in pixels

MAX_STEP = 3.0  # of the usual height: how far apart neighbours are that show a row's slope
SAME_ROW = 0.6  # of the same: how far a digit's middle is from the middle of its row
RECENT = 2  # digits of a row that the next one is compared with


def order_rows(boxes: Boxes) -> list[list[int]]:
    """Sorts boxes, at least one, into rows from the top, and each row from the left.

    Rows may slope: the slope is the median of that from a digit to the next. Returns the boxes'
    numbers, counted from 0.
    """
    x, y = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3] / 2
    usual = float(np.median(boxes[:, 3]))
    y = y - _measure_slope(x, y, usual) * x
    rows: list[list[int]] = []
    for number in np.argsort(x, kind="stable").tolist():
        distances = [abs(y[number] - np.mean(y[row[-RECENT:]])) for row in rows]
        if distances and min(distances) < SAME_ROW * usual:
            rows[int(np.argmin(distances))].append(number)
        else:
            rows.append([number])
    return sorted(rows, key=lambda row: float(np.mean(y[row])))


def _measure_slope(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], usual: float) -> float:
    """Returns the median slope from a digit to its neighbour on the right; 0 if there is none."""
    right, down = x[None] - x[:, None], y[None] - y[:, None]
    beside = (right > 0) & (right < MAX_STEP * usual) & (np.abs(down) < SAME_ROW * usual)
    nearest = np.where(beside, right, np.inf).argmin(axis=1)
    rows = np.flatnonzero(beside.any(axis=1))
    slopes = down[rows, nearest[rows]] / right[rows, nearest[rows]]
    return float(np.median(slopes)) if len(slopes) else 0.0
