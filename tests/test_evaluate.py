"""Scores: against values worked out by hand or published."""

import numpy as np
import pytest

from stages.evaluate import (
    by_class,
    expected_calibration_error,
    gallery,
    interesting,
    score,
    tables,
)


def probabilities(predicted: list[int], confidence: list[float]) -> np.ndarray:
    """Rows with `confidence` for the predicted digit, and the rest spread over the others."""
    rest = (1 - np.array(confidence)) / 9
    rows = np.repeat(rest[:, None], 10, axis=1)
    rows[np.arange(len(predicted)), predicted] = confidence
    return rows.astype(np.float32)


def test_scores_of_four_digits() -> None:
    labels = np.array([1, 2, 3, 4], np.uint8)
    guesses = probabilities([1, 2, 3, 5], [0.9, 0.8, 0.6, 0.55])
    found = score(labels, guesses, interval=0.95, calibration_bins=10)
    assert found["accuracy"] == 0.75
    expected = -np.mean(np.log([0.9, 0.8, 0.6, 0.05]))
    assert found["log_loss"] == pytest.approx(expected, abs=1e-5)
    # Bins [0.5, 0.6), [0.6, 0.7), [0.8, 0.9), [0.9, 1]: one row in each.
    gaps = [0.55, 1 - 0.6, 1 - 0.8, 1 - 0.9]
    assert found["calibration_error"] == pytest.approx(np.mean(gaps), abs=1e-5)


def test_the_interval_is_wilsons() -> None:
    """81 of 263: 0.2553 to 0.3662, in R. G. Newcombe, Statistics in Medicine 17 (1998), table I."""
    labels = np.zeros(263, np.uint8)
    guesses = probabilities([0] * 81 + [1] * 182, [0.9] * 263)
    found = score(labels, guesses, interval=0.95, calibration_bins=15)
    assert found["accuracy_low"] == pytest.approx(0.2553, abs=5e-5)
    assert found["accuracy_high"] == pytest.approx(0.3662, abs=5e-5)


def test_calibration_is_perfect_when_confidence_is_the_share_of_hits() -> None:
    labels = np.zeros(100, np.uint8)
    guesses = probabilities([0] * 75 + [1] * 25, [0.75] * 100)
    assert expected_calibration_error(labels, guesses, 15) == pytest.approx(0, abs=1e-6)
    assert expected_calibration_error(labels + 1, guesses, 15) == pytest.approx(0.5, abs=1e-6)


def test_certainty_falls_into_the_last_bin() -> None:
    labels = np.zeros(2, np.uint8)
    assert expected_calibration_error(labels, probabilities([0, 1], [1, 1]), 15) == 0.5


def test_each_class_has_precision_recall_and_f1() -> None:
    labels, predicted = np.array([0, 0, 0, 1, 1], np.uint8), np.array([0, 0, 1, 1, 2], np.uint8)
    found = by_class(labels, predicted)
    np.testing.assert_allclose(found["precision"][:3], [1, 0.5, 0])
    np.testing.assert_allclose(found["recall"][:3], [2 / 3, 0.5, 0], atol=1e-6)
    np.testing.assert_allclose(found["f1"][:3], [0.8, 0.5, 0])
    assert list(found["rows"][:3]) == [3, 2, 0]
    counts = tables(labels, predicted)["confusion"]
    assert [counts[str(digit)][0] for digit in range(10)] == [2, 1, *[0] * 8]


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
