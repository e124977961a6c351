"""Confidence: calibration, reliability and coverage, against values worked out by hand."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from stages.scoring import calibration
from stages.scoring.calibration import expected_calibration_error
from tests.support.samples import probabilities


def test_the_error_of_four_digits() -> None:
    labels = np.array([1, 2, 3, 4], np.uint8)
    predicted = probabilities([1, 2, 3, 5], [0.9, 0.8, 0.6, 0.55])
    # Bins [0.5, 0.6), [0.6, 0.7), [0.8, 0.9), [0.9, 1]: one row in each.
    gaps = [0.55, 1 - 0.6, 1 - 0.8, 1 - 0.9]
    error = expected_calibration_error(labels, predicted, 10)
    assert error == pytest.approx(np.mean(gaps), abs=1e-5)


def test_calibration_is_perfect_when_confidence_is_the_share_of_hits() -> None:
    labels = np.zeros(100, np.uint8)
    predicted = probabilities([0] * 75 + [1] * 25, [0.75] * 100)
    assert expected_calibration_error(labels, predicted, 15) == pytest.approx(0, abs=1e-6)
    assert expected_calibration_error(labels + 1, predicted, 15) == pytest.approx(0.5, abs=1e-6)


def test_certainty_falls_into_the_last_bin() -> None:
    labels = np.zeros(2, np.uint8)
    predicted = probabilities([0, 1], [1, 1])
    assert expected_calibration_error(labels, predicted, 15) == 0.5
    table = calibration.measure_reliability(labels, predicted, bins=15, interval=0.95)
    assert (table["confidence"], table["accuracy"], table["images"]) == ((1,), (0.5,), (2,))
    assert (table["from"], table["to"]) == ((0.933333,), (1,))


def test_reliability_is_scikit_learns() -> None:
    generator = np.random.default_rng(3)
    confidence = generator.uniform(0.3, 1, 500)
    hits = generator.random(500) < confidence
    predicted = probabilities([7] * 500, confidence.tolist())
    table = calibration.measure_reliability(np.where(hits, 7, 1), predicted, bins=10, interval=0.95)
    accuracies, means = calibration_curve(hits, confidence, n_bins=10)
    np.testing.assert_allclose(table["accuracy"], accuracies, atol=1e-6)
    np.testing.assert_allclose(table["confidence"], means, atol=1e-6)
    assert sum(table["images"]) == 500
    assert (np.array(table["low"]) < accuracies).all()
    assert (accuracies < np.array(table["high"])).all()


def test_coverage_keeps_the_most_confident() -> None:
    labels = np.zeros(4, np.uint8)
    table = calibration.measure_coverage(labels, probabilities([0, 1, 0, 1], [0.9, 0.3, 0.8, 0.5]))
    at = dict(zip(table["coverage"].tolist(), table["accuracy"].tolist(), strict=True))
    assert (at[0.01], at[0.25], at[0.5]) == (1, 1, 1)  # the digits of 0.9 and 0.8
    assert at[0.51] == at[0.75] == pytest.approx(2 / 3, abs=1e-6)
    assert at[1.0] == 0.5
