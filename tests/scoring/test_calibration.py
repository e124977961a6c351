"""Confidence: reliability and calibration as scikit-learn's; coverage worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from stages.scoring.confidence import (
    expected_calibration_error,
    measure_coverage,
    measure_reliability,
)


def test_reliability_is_scikit_learns() -> None:
    generator = np.random.default_rng(3)
    confidence = np.append(generator.uniform(0.3, 1, 499), 1)  # 1 falls into the last bin
    correct = generator.random(500) < confidence
    scored = pd.DataFrame({"confidence": confidence, "correct": correct})
    table = measure_reliability(scored, bins=10, interval=0.95)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10)
    images, edges = np.histogram(confidence, bins=np.arange(3, 11) / 10)
    columns = ["from", "to", "confidence", "accuracy", "images"]
    expected = [edges[:-1], edges[1:], mean, accuracy, images]
    np.testing.assert_allclose(table[columns].T, expected)
    error = np.average(abs(mean - accuracy), weights=images)
    assert expected_calibration_error(table) == pytest.approx(error)
    for row in table.to_dict("records"):
        hits = round(row["accuracy"] * row["images"])
        interval = binomtest(hits, row["images"]).proportion_ci(0.95, "wilson")
        assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_coverage_keeps_the_most_confident() -> None:
    scored = {"confidence": [0.9, 0.3, 0.8, 0.5], "correct": [True, False, True, False]}
    table = measure_coverage(pd.DataFrame(scored))
    accuracy = table.set_index("coverage")["accuracy"]
    assert accuracy[[0.01, 0.25, 0.5]].tolist() == [1, 1, 1]  # those of 0.9 and 0.8
    assert accuracy[0.51] == accuracy[0.75] == pytest.approx(2 / 3)
    assert accuracy[1.0] == 0.5
