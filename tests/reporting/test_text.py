"""Numbers and names as text."""

import numpy as np
import pytest

from stages.reporting.text import rounded_down


@pytest.mark.parametrize("kind", [float, np.float32, np.float64])
def test_a_share_is_rounded_down(kind: type[float]) -> None:
    # In 64 bits, 100 times 0.29 is less than 29.
    shares = [kind(0.07), kind(0.29), np.nextafter(kind(1), kind(0)), kind(1)]
    assert [*map(rounded_down, shares)] == ["7%", "29%", "99%", "100%"]
    assert [rounded_down(share, 1) for share in shares] == ["7.0%", "29.0%", "99.9%", "100.0%"]
