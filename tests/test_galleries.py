"""Pictures of digits: which are shown, and what is said of them."""

from itertools import pairwise

import numpy as np

from stages import galleries
from stages.findings import first_of_each
from stages.preprocess import to_images
from stages.tables import TEST_PREDICTIONS, VALIDATION_PREDICTIONS
from tests.conftest import Pixels
from tests.test_figures import table, within_page

ROWS = table(
    VALIDATION_PREDICTIONS,
    *((0, 1, 1, 0.9), (1, 2, 0, 0.6), (2, 3, 3, 0.5), (3, 4, 0, 0.8), (4, 5, 5, 0.7)),
)


def test_the_gallery_says_what_was_taken_for_what() -> None:
    images = np.zeros((2, 28, 28, 1), np.float32)
    counts = np.diag([3] * 10) + np.eye(10, k=1, dtype=int)
    figure = galleries.validation(images, ROWS[[1, 2]], counts=counts)
    assert [text.get_text() for text in figure.axes[0].texts] == ["0 60% (2)", "3 50%"]
    [first, second] = (text.get_color() for text in figure.axes[0].texts)
    assert first != second
    assert figure.texts[0].get_text().startswith("9 of 39 validation digits wrong")


def test_samples_have_a_column_for_each_digit(digits: tuple[Pixels, Pixels]) -> None:
    images, labels = to_images(digits[0]), digits[1]
    order = first_of_each(labels)
    figure = galleries.samples(images[order], labels[order])
    assert [text.get_text() for text in figure.axes[0].texts] == [str(i) for i in range(10)] * 5
    assert within_page(figure)


def test_no_text_is_cut_off_or_runs_into_its_neighbour() -> None:
    images = np.zeros((21, 28, 28, 1), np.float32)
    figure = galleries.gallery("A title", "A key", images, ["8 100% (8)"] * 21, [True] * 21)
    assert within_page(figure)
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes[:10]))


def test_none_wrong_is_said() -> None:
    images = np.zeros((1, 28, 28, 1), np.float32)
    figure = galleries.validation(images, ROWS[:1], counts=np.diag([3] * 10))
    assert figure.texts[0].get_text() == "All 30 validation digits right"


def test_certainty_is_said_of_nothing_less() -> None:
    rows = table(TEST_PREDICTIONS, (0, 1, 0.9999), (1, 1, 1), (2, 7, 0.29))
    assert [galleries.said(row) for row in rows] == ["1 99%", "1 100%", "7 29%"]
