"""Numbers as text."""

import numpy as np
import pytest

from stages.reporting.text import rounded_down


@pytest.mark.parametrize("kind", [float, np.float32, np.float64])
def test_a_share_is_rounded_down(kind: type[float]) -> None:
    for share, decimals, expected in (
        (1, 0, "100%"),
        (1, 1, "100.0%"),
        (0.996, 0, "99%"),
        (0.996, 1, "99.6%"),
        (0.29, 0, "29%"),  # 100 times it is less than 29, in 64 bits
        (0.07, 1, "7.0%"),
        (1e-9, 1, "0.0%"),
        (0, 0, "0%"),
    ):
        assert rounded_down(kind(share), decimals) == expected
    below = np.nextafter(kind(1), kind(0))
    assert rounded_down(below, 0) == "99%"
    assert rounded_down(below, 1) == "99.9%"
