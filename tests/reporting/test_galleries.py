"""Pictures of many images: which are shown, and their captions."""

import numpy as np
import pytest

from stages.reporting import galleries
from stages.reporting.galleries import HEAD, Gallery
from stages.reporting.results import select_samples
from stages.reporting.style import ZOOM
from tests.support.report import COUNTS, RESULTS

BLANK = np.zeros((50, 28, 28, 1), np.float32)


@pytest.mark.parametrize(
    ("shown", "counts", "title", "key", "captions"),
    [
        ([1, 2], COUNTS, "9 of 54 validation images are wrong;", "least", ["0 60% (2)", "3 50%"]),
        ([1], COUNTS, "9 of 54 validation images are wrong;", "if wrong)", ["0 60% (2)"]),
        ([0], np.diag([3] * 10), "All 30 validation images are correct", "first", ["1 90%"]),
    ],
)
def test_validation_images_have_captions_and_mistakes_are_marked(
    shown: list[int], counts: np.ndarray, title: str, key: str, captions: list[str]
) -> None:
    rows = RESULTS.validation[shown]
    gallery = galleries.list_validation(BLANK[: len(rows)], rows, counts=counts)
    assert gallery.captions == captions
    assert gallery.marked == ["(" in caption for caption in captions]
    assert gallery.title.startswith(title)
    assert key in gallery.key


def test_samples_are_equally_many_of_each_class() -> None:
    labels = np.arange(60, dtype=np.uint8)[::-1] % 10
    gallery = galleries.list_samples(BLANK, labels[select_samples(labels)])
    assert gallery.captions == [str(label) for label in range(10) for _ in range(5)]


def test_images_and_captions_are_drawn_within_their_cells() -> None:
    """A caption is as wide as can be, and only the marked one is orange."""
    images = 1 - BLANK[:12]  # black, as ink
    gallery = Gallery("A title", "A key", images, ["8 100% (8)"] * 12, [True] + [False] * 11)
    drawn = np.asarray(galleries.draw(gallery)).astype(int)
    is_orange = drawn[..., 0] > drawn[..., 2] + 60
    assert is_orange.any()
    assert not is_orange[:, galleries.CELL_WIDTH :].any()
    dark = drawn.sum(axis=2) < 384
    edges = dark[HEAD:, :: galleries.CELL_WIDTH]
    assert not edges.any()  # between two cells
    assert not dark[:, -1].any()
    assert dark[HEAD:].sum() > 12 * (28 * ZOOM) ** 2
