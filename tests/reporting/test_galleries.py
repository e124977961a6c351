"""Galleries: which images are shown, and their captions."""

import numpy as np
import pytest

from stages.reporting import galleries
from stages.reporting.galleries import HEAD, Gallery
from stages.reporting.style import ZOOM
from tests.support.report import RESULTS, with_results


@pytest.mark.parametrize(
    ("rows", "count", "title", "captions"),
    [
        (slice(5), 3, "2 of 5 ", ["0 80% (4)", "0 60% (2)", "3 50%"]),
        (slice(5), 1, "2 of 5 ", ["0 80% (4)"]),
        (slice(0, 3, 2), 9, "0 of 2 ", ["3 50%", "1 90%"]),
    ],
)
def test_mistakes_come_first_and_are_marked(
    rows: slice, count: int, title: str, captions: list[str]
) -> None:
    results = with_results(validation=RESULTS.validation[rows])
    gallery = galleries.show_validation(results, count)
    assert gallery.captions == captions
    assert gallery.marked == ["(" in caption for caption in captions]
    assert gallery.title.startswith(title)


def test_images_and_captions_are_drawn_within_their_cells() -> None:
    """A caption is as wide as can be, and only the marked one is orange."""
    images = np.ones((12, 28, 28, 1), np.float32)  # black, as ink
    gallery = Gallery("A title", "A key", images, ["8 100% (8)"] * 12, [True] + [False] * 11)
    drawn = np.asarray(galleries.draw(gallery)).astype(int)
    _, orange = np.nonzero(drawn[..., 0] > drawn[..., 2] + 60)
    assert 0 < orange.max() < galleries.CELL_WIDTH
    dark = drawn.sum(axis=2) < 384
    assert not dark[HEAD:, :: galleries.CELL_WIDTH].any()  # between two cells
    assert not dark[:, -1].any()
    assert dark[HEAD:].sum() > 12 * (28 * ZOOM) ** 2
