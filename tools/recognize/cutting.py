"""Cuts clusters of digits that touch, where that makes the classifier more confident.

A cluster is cut along paths from top to bottom that cross little ink. All runs of neighbouring
slices are classified, and the best way from the left to the right is chosen. Source: R. G. Casey
and E. Lecolinet, "A Survey of Methods and Strategies in Character Segmentation", IEEE Transactions
on Pattern Analysis and Machine Intelligence 18, 1996, "recognition-based segmentation".
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from stages.formats.prepared import Probabilities
from tools.recognize.images import Mask, bounding_box

PATH_HEIGHT = 48  # pixels: of a cluster while paths are looked for
STEP = 0.15  # of its usual height: from path to path
REACH = 0.25  # of the same: how far a path may turn aside
MIN_WIDTH, MAX_WIDTH, MIN_HEIGHT = 0.08, 1.5, 0.5  # of the same: the sizes of digits
MAX_WHOLE = 2.2  # times its height: the width of a whole cluster; a 5 of MNIST has 2.1
MIN_CUT = 0.85  # of the usual height: a cluster that is narrower is not cut
MAX_CUT = 20  # of the same: a wider cluster is a line or a drawing
MAX_INK = 0.35  # of a cluster's height: a path through more would cut something solid
ASIDE = 0.05  # pixels of ink: what a step aside costs

Paths = npt.NDArray[np.int64]  # (n, h): the column of each path in each row
Span = tuple[int, int]  # the numbers of the paths on the left and on the right


def find_paths(mask: Mask, usual: float) -> Paths:
    """Finds paths from top to bottom of a cluster that cut little ink, from its left to its right.

    The usual height of a digit is in pixels.
    """
    height, width = mask.shape
    edges = np.stack([np.zeros(height, np.int64), np.full(height, width)])
    if not MIN_CUT * usual < width < MAX_CUT * usual:
        return edges
    scale = PATH_HEIGHT / usual
    size = max(2, round(width * scale)), max(2, round(height * scale))
    small = np.asarray(Image.fromarray(mask).convert("L").resize(size, Image.Resampling.BOX)) / 255
    step, reach = round(STEP * PATH_HEIGHT), round(REACH * PATH_HEIGHT)
    starts = np.arange(step, small.shape[1] - step + 1, step)
    bands = starts[:, None] + np.arange(-reach, reach + 1)
    ink = np.pad(small, ((0, 0), (reach, reach + 1)), constant_values=2)[:, bands + reach]
    aside = ASIDE / 4 * np.abs(np.arange(-reach, reach + 1)) / reach
    found = starts[:, None] - reach + _descend(ink.transpose(1, 0, 2) + aside)
    rows = (np.arange(height) * small.shape[0] // height).clip(0, small.shape[0] - 1)
    paths = np.rint(found[:, rows] * width / small.shape[1]).astype(np.int64)
    paths = paths[np.array(measure_crossings(mask, paths)) < MAX_INK]
    return np.unique(np.concatenate([edges[:1], paths, edges[1:]]), axis=0)


def _descend(costs: npt.NDArray[np.float64]) -> Paths:
    """Finds the cheapest way down in each band: columns (n, h), for costs (n, h, w)."""
    total, back = costs[:, 0], []
    for row in range(1, costs.shape[1]):
        padded = np.pad(total, ((0, 0), (1, 1)), constant_values=np.inf)
        options = np.stack([padded[:, 1:-1], padded[:, :-2] + ASIDE, padded[:, 2:] + ASIDE])
        choice = options.argmin(axis=0)
        back.append(np.array([0, -1, 1])[choice])
        total = np.take_along_axis(options, choice[None], 0)[0] + costs[:, row]
    column = total.argmin(axis=1)
    columns = [column]
    for steps in reversed(back):
        column = column + steps[np.arange(len(column)), column]
        columns.append(column)
    return np.stack(columns[::-1], axis=1)


def list_segments(mask: Mask, paths: Paths, usual: float) -> dict[Span, Mask]:
    """Lists what may be a digit: the ink between any two paths, if its size is plausible.

    The masks are as large as the cluster's. All of it is there too, unless it is far too wide.
    """
    columns, last = np.arange(mask.shape[1]), len(paths) - 1
    segments = {}
    for left, right in combinations(range(last + 1), 2):
        part = mask & (columns >= paths[left][:, None]) & (columns < paths[right][:, None])
        if part.any():
            height, width = part[bounding_box(part)].shape
            fits = MIN_WIDTH * usual < width < MAX_WIDTH * usual and height > MIN_HEIGHT * usual
            whole = (left, right) == (0, last) and width < MAX_WHOLE * height
            if fits or whole:
                segments[left, right] = part
    return segments


def measure_crossings(mask: Mask, paths: Paths) -> list[float]:
    """Returns how much ink each path cuts, as a share of the cluster's height."""
    padded, rows = np.pad(mask, ((0, 0), (1, 1))), np.arange(len(mask))
    cut = (padded[rows, paths] & padded[rows, paths + 1]).sum(axis=1)
    return [float(pixels / len(mask)) for pixels in cut]


LOW, LOWER = 0.7, 25.0  # of the usual height: what is lower is less likely a digit; how much less
SKIP = 2.0  # what it costs to leave something out, besides


def measure_costs(
    probabilities: Probabilities, no_digit: float, height: float, even: float
) -> tuple[float, float]:
    """Returns the negative log probabilities that a segment is a digit, and that it is none.

    Args:
        probabilities: (10,), of the digits.
        no_digit: the log odds that it is none, see `refusal.non_digit_log_odds`.
        height: in usual heights.
        even: the log odds at which both are equally likely.
    """
    odds = no_digit - even + LOWER * min(0.0, np.log(height / LOW)) ** 2
    unsure = -np.log(max(float(probabilities.max()), 1e-9))
    return float(unsure + np.logaddexp(0, odds)), float(SKIP + np.logaddexp(0, -odds))


class Cut(NamedTuple):
    """What it costs to have one digit more, and when something is no digit."""

    through: float  # where a path cuts ink
    per_ink: float  # and for ink of a cluster's height
    apart: float  # where it cuts hardly any
    even: float  # log odds of no digit, see `measure_costs`


ALONE = Cut(1.0, 8.0, -0.27, 2.75)  # in a picture of one cluster, which usually is one digit
AMONG = Cut(0.1, 2.0, -0.9, 2.0)  # on a sheet of several
TOUCHES = 0.03  # of a cluster's height: a path that cuts more goes through a stroke


def choose_segments(costs: dict[Span, float], crossings: list[float], cut: Cut) -> list[Span]:
    """Chooses the cheapest segments, see `measure_costs`, from the first path to the last one.

    Each cut costs more, by its `measure_crossings`. Returns the segments from left to right; none
    if no way leads through.
    """
    last = len(crossings) - 1
    best: dict[int, tuple[float, list[Span]]] = {0: (0.0, [])}
    for right in range(1, last + 1):
        crossed = crossings[right]
        more = cut.through + cut.per_ink * crossed if crossed > TOUCHES else cut.apart
        ways = [
            (best[left][0] + cost + (more if right < last else 0), [*best[left][1], (left, end)])
            for (left, end), cost in costs.items()
            if end == right and left in best
        ]
        if ways:
            best[right] = min(ways)
    return best[last][1] if last in best else []
