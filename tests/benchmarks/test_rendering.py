"""The rendered pictures: the same for the same seed, and as their names say."""

import numpy as np
import pytest

from benchmarks.rendering import CONDITIONS, Look, render
from tests.support.drawings import DIGITS


@pytest.mark.parametrize("look", CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_is_rendered(look: Look) -> None:
    first, again = (render(DIGITS[0], look, np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    even = look._replace(uneven=0, shadow=0, table=None)
    picture = render(DIGITS[0], even, np.random.default_rng(2)).astype(float)
    differences = (picture - np.median(picture)).ravel()
    largest = differences[np.abs(differences).argmax()]
    assert abs(largest) > 100
    assert (largest > 0) == (look.stroke > look.background)
