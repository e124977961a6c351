"""Shapes as lines through points from -1 to 1: one set to choose a rule on, one to report on."""

from collections.abc import Sequence

import numpy as np

Line = Sequence[tuple[float, float]]  # x to the right, y downwards


def turn(points: int, step: float = 1, radius: float = 1) -> Line:
    """Gives points on a circle, from the top, `step` points apart."""
    angles = 2 * np.pi * step * np.arange(points + 1) / points
    return [(radius * np.sin(angle), -radius * np.cos(angle)) for angle in angles]


SPIRAL = [(r * np.cos(4 * np.pi * r), r * np.sin(4 * np.pi * r)) for r in np.linspace(0.05, 1, 90)]
HEART = [
    (np.sin(t) ** 3, -0.8 * np.cos(t) + 0.3 * np.cos(2 * t) + 0.1 * np.cos(3 * t))
    for t in np.linspace(0, 2 * np.pi, 60)
]
WAVE = [(x, 0.4 * np.sin(9 * x)) for x in np.linspace(-1, 1, 60)]
SHAPES: tuple[dict[str, Sequence[Line]], ...] = (
    {
        "triangle": [turn(3)],
        "star": [turn(5, 2)],
        "cross": [[(-1, -1), (1, 1)], [(-1, 1), (1, -1)]],
        "hash": [[(-1, y), (1, y)] for y in (-0.4, 0.4)] + [[(x, -1), (x, 1)] for x in (-0.4, 0.4)],
        "arrow": [[(-1, 0), (1, 0)], [(0.4, -0.5), (1, 0), (0.4, 0.5)]],
        "zigzag": [[(x / 4, 0.5 * (-1) ** x) for x in range(-4, 5)]],
        "spiral": [SPIRAL],
        "hexagon": [turn(6)],
        "envelope": [[(-1, -0.6), (1, -0.6), (1, 0.6), (-1, 0.6), (-1, -0.6), (0, 0.1), (1, -0.6)]],
        "flag": [[(-0.6, 1), (-0.6, -1), (0.8, -0.7), (0.8, 0), (-0.6, 0.1)]],
        "lightning": [[(0.3, -1), (-0.4, 0.1), (0.4, 0), (-0.2, 1)]],
        "ladder": [[(-0.5, -1), (-0.5, 1)], [(0.5, -1), (0.5, 1)],
                   *([(-0.5, y), (0.5, y)] for y in (-0.5, 0, 0.5))],
        "plus": [[(0, -1), (0, 1)], [(-1, 0), (1, 0)]],
        "wheel": [turn(40), turn(3, 1, 0.9), turn(40, 1, 0.3)],
        "fork": [[(0, 1), (0, 0)], [(-0.6, -1), (-0.6, 0), (0.6, 0), (0.6, -1)], [(0, 0), (0, -1)]],
        "clover": [[(np.cos(2 * t) * np.cos(t), np.cos(2 * t) * np.sin(t))
                    for t in np.linspace(0, 2 * np.pi, 120)]],
        "fish": [[(np.cos(t), 0.5 * np.sin(2 * t) * np.cos(t / 2))
                  for t in np.linspace(-2, 2, 60)]],
        "roof": [[(-1, 0), (0, -0.8), (1, 0)], [(-1, 0.5), (0, -0.3), (1, 0.5)]],
        "mill": [turn(4, 1, 0.8), [(0.8, -0.8), (-0.8, 0.8)], [(-0.8, -0.8), (0.8, 0.8)]],
        "comb": [[(-1, -1), (1, -1)], *([(x, -1), (x, 1)] for x in (-1.0, -0.33, 0.33, 1.0))],
    },
    {
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
    },
)  # fmt: skip
