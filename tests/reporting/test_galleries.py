"""Pictures of many images: which are shown, and their captions."""

from itertools import pairwise

import numpy as np
import pytest

from stages.reporting import galleries
from stages.reporting.results import select_samples
from stages.reporting.style import ORANGE
from tests.support.report import COUNTS, RESULTS, is_within_page

BLANK = np.zeros((50, 28, 28, 1), np.float32)


@pytest.mark.parametrize(
    ("shown", "counts", "title", "key", "captions"),
    [
        ([1, 2], COUNTS, "9 of 54 validation images are wrong;", "least", ["0 60% (2)", "3 50%"]),
        ([1], COUNTS, "9 of 54 validation images are wrong;", "if wrong)", ["0 60% (2)"]),
        ([0], np.diag([3] * 10), "All 30 validation images are correct", "first", ["1 90%"]),
    ],
)
def test_validation_images_have_captions_and_mistakes_are_orange(
    shown: list[int], counts: np.ndarray, title: str, key: str, captions: list[str]
) -> None:
    rows = RESULTS.validation[shown]
    figure = galleries.draw_validation(BLANK[: len(rows)], rows, counts=counts)
    texts = figure.axes[0].texts
    assert [text.get_text() for text in texts] == captions
    assert [text.get_color() == ORANGE for text in texts] == ["(" in text for text in captions]
    assert figure.texts[0].get_text().startswith(title)
    assert key in figure.texts[1].get_text()
    assert is_within_page(figure)


def test_samples_are_equally_many_of_each_class() -> None:
    labels = np.arange(60, dtype=np.uint8)[::-1] % 10
    figure = galleries.draw_samples(BLANK, labels[select_samples(labels)])
    captions = [text.get_text() for text in figure.axes[0].texts]
    assert captions == [str(label) for label in range(10) for _ in range(5)]


def test_no_caption_touches_its_neighbour() -> None:
    figure = galleries.draw_gallery("A title", "A key", BLANK, ["8 100% (8)"] * 50, [True] * 50)
    assert is_within_page(figure)
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes[: galleries.COLUMNS]))
