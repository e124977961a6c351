"""The rendered pictures: the same for the same seed, and what their names say."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from benchmarks.pictures import CONDITIONS, Look, render
from stages.fetch_digits import enlarge

IMAGE = enlarge(load_digits().images[:1]).reshape(28, 28)


@pytest.mark.parametrize("look", CONDITIONS.values(), ids=CONDITIONS)
def test_a_seed_gives_one_picture_and_another_seed_another(look: Look) -> None:
    first, again, other = (render(IMAGE, look, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.uint8
    assert first.ndim == 2
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("look", CONDITIONS.values(), ids=CONDITIONS)
def test_ink_is_darker_or_lighter_than_the_paper_around_it(look: Look) -> None:
    even = look._replace(uneven=0, shadow=0, table=None)
    picture = render(IMAGE, even, np.random.default_rng(1)).astype(float)
    from_paper = (picture - np.median(picture)).ravel()
    farthest = from_paper[np.abs(from_paper).argmax()]
    assert abs(farthest) > 100
    assert (farthest > 0) == (look.ink > look.paper)
