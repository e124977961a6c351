"""Shapes as lines through points from about -1 to 1."""

from collections.abc import Sequence

import numpy as np

Line = Sequence[tuple[float, float]]  # x to the right, y downwards


def turn(points: int, step: float = 1, radius: float = 1) -> Line:
    """Returns points on a circle, from the top, `step` points apart."""
    angles = 2 * np.pi * step * np.arange(points + 1) / points
    return [(radius * np.sin(angle), -radius * np.cos(angle)) for angle in angles]


HEART = [
    (np.sin(t) ** 3, -0.8 * np.cos(t) + 0.3 * np.cos(2 * t) + 0.1 * np.cos(3 * t))
    for t in np.linspace(0, 2 * np.pi, 60)
]
WAVE = [(x, 0.4 * np.sin(9 * x)) for x in np.linspace(-1, 1, 60)]
SHAPES: dict[str, Sequence[Line]] = {
    "pentagon": [turn(5)],
    "cross in a circle": [turn(40), [(0, -1), (0, 1)], [(-1, 0), (1, 0)]],
    "house": [[(-0.7, 1), (-0.7, 0), (0, -1), (0.7, 0), (0.7, 1), (-0.7, 1)],
              [(-0.7, 0), (0.7, 0)]],
    "tree": [[(0, 1), (0, -1)],
             [(-0.8, -0.6), (0, 0.2), (0.8, -0.6)], [(-0.6, 0), (0, 0.6), (0.6, 0)]],
    "heart": [HEART],
    "wave": [WAVE],
    "face": [turn(40), turn(12, 1, 0.15), [(-0.5, 0.4), (0, 0.6), (0.5, 0.4)]],
    "window": [turn(4), [(0, -1), (0, 1)], [(-1, 0), (1, 0)]],
    "asterisk": [[(-np.sin(a), -np.cos(a)), (np.sin(a), np.cos(a))]
                 for a in np.pi * np.arange(4) / 4],
}  # fmt: skip
