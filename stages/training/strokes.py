"""Strokes that many people write and MNIST hardly has: the upstroke of a 1, the bar of a 7."""

import math

import numpy as np
import numpy.typing as npt

from stages.formats.prepared import ImageRows, Images, Labels, Rows
from stages.formats.task import DIGITS, Task

HEIGHT, WIDTH, _ = DIGITS.shape

Floats = npt.NDArray[np.float32]  # (n,), a number for each image; of `ink`, (n, height, width)


def draw_on(images: ImageRows, labels: Labels, task: Task, *, share: float, seed: int) -> ImageRows:
    """Returns the images of digits `DrawnOn`; other images as they are, and says so."""
    if task == DIGITS:
        return DrawnOn(images, labels, share=share, seed=seed)
    if share:
        print("strokes: not used, because these are not MNIST's digits")
    return images


class DrawnOn:
    """Training images of which some 1s have an upstroke, half of those a foot too, some 7s a bar.

    Without such 1s among its training images, a classifier reads them as 7s. A `share`, 0-1, of the
    1s and of the 7s is drawn on; `seed` decides the strokes, in whatever order images are read.
    """

    def __init__(self, images: ImageRows, labels: Labels, *, share: float, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._images, self._labels = images, labels
        rows = np.flatnonzero((labels == 1) | (labels == 7))
        rows = rows[random.random(len(rows)) < share]
        self._chance = np.full((6, len(labels)), -1, np.float32)  # -1: not drawn on
        self._chance[:, rows] = random.random((6, len(rows)), np.float32)

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, places: slice | Rows) -> Images:
        labels, chance = self._labels[places], self._chance[:, places]
        images = np.require(self._images[places], requirements="O")  # no view of the caller's
        for label, draw in ((1, _draw_upstroke), (7, _draw_bar)):
            those = np.flatnonzero((chance[0] >= 0) & (labels == label))
            those = those[images[those].max(axis=(1, 2, 3), initial=0) > 0.5]  # nothing on none
            lines = draw(images[those, ..., 0], chance[:, those])
            images[those] = np.maximum(images[those], lines[..., None])
        return images


def _draw_upstroke(ink: Floats, chance: Floats) -> Floats:
    """Draws from the top of a 1 down to the left, and half the time a foot: (n, height, width)."""
    top, bottom = _find_ends(ink)
    (left, _), (right, _) = _cross(ink, top), _cross(ink, bottom)
    down, across = bottom - top, right - left
    length = np.hypot(down, across) + 1e-6
    radius = (ink.sum(axis=(1, 2)) / length / 2).clip(0.6, 2)
    # 20 to 60 degrees from the stem, and no flatter than 40: a flatter one would make it a 7.
    spread = (math.radians(20) + np.arctan2(across, down)).clip(math.radians(5), math.radians(40))
    turn, reach = math.radians(20) + chance[0] * spread, 0.2 + 0.45 * chance[1]
    start = top + radius - 0.5
    y = start + reach * (across * np.sin(turn) + down * np.cos(turn))
    x = left + reach * (across * np.cos(turn) - down * np.sin(turn))
    upstroke = _draw_line((start, left), (y, x), 0.9 * radius)
    line, tilt = bottom - radius + 0.5, 0.06 * (chance[2] - 0.5) * length
    shorter, longer = ((0.12 + 0.25 * part) * length for part in chance[3:5])
    foot = _draw_line((line + tilt, right - shorter), (line - tilt, right + longer), 0.9 * radius)
    return np.where((chance[5] < 0.5)[:, None, None], np.maximum(upstroke, foot), upstroke)


def _draw_bar(ink: Floats, chance: Floats) -> Floats:
    """Draws a bar through the middle of a 7: (n, height, width)."""
    top, bottom = _find_ends(ink)
    height = bottom - top
    y = top + (0.42 + 0.2 * chance[0]) * height
    x, width = _cross(ink, y)
    left, right = ((0.08 + 0.17 * part) * height for part in chance[1:3])
    tilt = 0.06 * (chance[3] - 0.5) * height
    bar = _draw_line((y + tilt, x - left), (y - tilt, x + right), (0.4 * width).clip(0.6, 2))
    # So much ink in one row is more than the stem: the 7 bends back there.
    return np.where((width < 0.3 * height)[:, None, None], bar, 0)


def _find_ends(ink: Floats) -> tuple[Floats, Floats]:
    """Finds the first and the last row with ink."""
    rows = ink.max(axis=2) > 0.5
    last = ink.shape[1] - 1 - rows[:, ::-1].argmax(axis=1)
    return rows.argmax(axis=1).astype(np.float32), last.astype(np.float32)


def _cross(ink: Floats, row: Floats) -> tuple[Floats, Floats]:
    """Returns the middle of the ink in a row of each image, and its amount, in pixels."""
    line = ink[np.arange(len(ink)), row.astype(int)]
    amount = line.sum(axis=1)
    return line @ np.arange(WIDTH, dtype=np.float32) / amount.clip(0.1), amount


def _draw_line(start: tuple[Floats, Floats], end: tuple[Floats, Floats], radius: Floats) -> Floats:
    """Draws lines with round ends, from (y, x) to (y, x): (n, height, width) in [0, 1]."""
    y, x, end_y, end_x, radius = np.stack([*start, *end, radius])[..., None, None]
    down, across = end_y - y, end_x - x
    below = np.arange(HEIGHT, dtype=np.float32)[:, None] - y
    beside = np.arange(WIDTH, dtype=np.float32) - x
    along = ((below * down + beside * across) / (down**2 + across**2 + 1e-6)).clip(0, 1)
    distance = np.hypot(below - along * down, beside - along * across)
    lines: Floats = (radius + 0.5 - distance).clip(0, 1)
    return lines
