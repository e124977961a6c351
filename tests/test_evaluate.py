"""Evaluation: which digits are shown, and what is said of them."""

import numpy as np

from stages.evaluate import gallery, interesting
from tests.test_scores import probabilities


def test_the_most_confident_mistake_comes_first() -> None:
    labels = np.array([1, 2, 3, 4, 5], np.uint8)
    guesses = probabilities([1, 0, 3, 0, 5], [0.9, 0.6, 0.5, 0.8, 0.7])
    assert interesting(labels, guesses, 10).tolist() == [3, 1, 2, 4, 0]
    assert interesting(labels, guesses, 2).tolist() == [3, 1]


def test_the_gallery_says_what_was_taken_for_what() -> None:
    labels = np.array([1, 2], np.uint8)
    figure = gallery(
        np.zeros((2, 28, 28, 1), np.float32), labels, probabilities([1, 7], [0.5, 0.8]), 2
    )
    assert [text.get_text() for text in figure.axes[0].texts] == ["7 80% (2)", "1 50%"]
    assert "1 of 2 validation digits wrong" in figure.get_suptitle()
