"""Numbers and names as text."""

import numpy as np
import pytest

from stages.reporting.text import rounded_down, with_article


@pytest.mark.parametrize("kind", [float, np.float32, np.float64])
def test_a_share_is_rounded_down(kind: type[float]) -> None:
    # In 64 bits, 100 times 0.29 is less than 29.
    shares = [kind(share) for share in (0, 0.07, 0.29, 0.996, 1)]
    shares.insert(4, np.nextafter(kind(1), kind(0)))
    assert [*map(rounded_down, shares)] == ["0%", "7%", "29%", "99%", "99%", "100%"]
    tenths = [rounded_down(share, 1) for share in shares]
    assert tenths == ["0.0%", "7.0%", "29.0%", "99.6%", "99.9%", "100.0%"]


def test_a_name_has_its_article() -> None:
    with_an = ("8", "11", "18", "80", "apple", "Ankle boot")
    for name in (*with_an, "1", "7", "10", "28", "T-shirt", "forest"):
        assert with_article(name) == f"{'an' if name in with_an else 'a'} {name}"
