"""The order of digits: rows that slope, rows of different lengths, and one digit."""

import numpy as np
import pytest

from tools.recognize.order import order_rows


@pytest.mark.parametrize("slope", [-0.2, 0, 0.2])
def test_rows_that_slope_are_told_apart(slope: float) -> None:
    lengths, generator = (5, 3, 7), np.random.default_rng(1)
    expected: list[list[int]] = []
    boxes: list[tuple[float, ...]] = []
    for row, length in enumerate(lengths):
        expected.append(list(range(len(boxes), len(boxes) + length)))
        for column in range(length):
            x = 30 * column + generator.uniform(-4, 4)
            boxes.append((x, 60 * row + slope * x + generator.uniform(-4, 4), 20, 36))
    shuffled = generator.permutation(len(boxes))
    rows = order_rows(np.array(boxes)[shuffled])
    assert [[int(shuffled[number]) for number in row] for row in rows] == expected


def test_one_digit_is_one_row() -> None:
    assert order_rows(np.array([[3.0, 4, 5, 6]])) == [[0]]
