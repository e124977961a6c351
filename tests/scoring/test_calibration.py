"""Confidence: calibration, reliability and coverage, against scikit-learn or worked out by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from stages.scoring.calibration import (
    expected_calibration_error,
    measure_coverage,
    measure_reliability,
)


def scored(confidence: Any, correct: Any) -> pd.DataFrame:
    return pd.DataFrame({"confidence": confidence, "correct": correct})


@pytest.mark.parametrize(
    ("confidence", "correct", "error"),
    [
        ([0.9, 0.8, 0.6, 0.55], [True, True, True, False], (0.1 + 0.2 + 0.4 + 0.55) / 4),
        ([0.75] * 100, [True] * 75 + [False] * 25, 0),
        ([0.75] * 100, [True] * 25 + [False] * 75, 0.5),
        ([1, 1], [True, False], 0.5),  # certainty falls into the last bin
    ],
)
def test_the_calibration_error(confidence: list[float], correct: list[bool], error: float) -> None:
    table = measure_reliability(scored(confidence, correct), bins=10, interval=0.95)
    assert expected_calibration_error(table) == pytest.approx(error, abs=1e-9)
    assert table["to"].max() <= 1


def test_reliability_is_scikit_learns() -> None:
    generator = np.random.default_rng(3)
    confidence = generator.uniform(0.3, 1, 500)
    correct = generator.random(500) < confidence
    table = measure_reliability(scored(confidence, correct), bins=10, interval=0.95)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10)
    np.testing.assert_allclose(table[["accuracy", "confidence"]].T, [accuracy, mean])
    np.testing.assert_allclose(table["from"], np.arange(3, 10) / 10)
    np.testing.assert_allclose(table["to"], np.arange(4, 11) / 10)
    assert table["images"].sum() == 500
    for row in table.to_dict("records"):
        expected = binomtest(round(row["accuracy"] * row["images"]), row["images"])
        interval = expected.proportion_ci(0.95, "wilson")
        assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_coverage_keeps_the_most_confident() -> None:
    table = measure_coverage(scored([0.9, 0.3, 0.8, 0.5], [True, False, True, False]))
    accuracy = table.set_index("coverage")["accuracy"]
    assert accuracy[[0.01, 0.25, 0.5]].tolist() == [1, 1, 1]  # those of 0.9 and 0.8
    assert accuracy[0.51] == accuracy[0.75] == pytest.approx(2 / 3)
    assert accuracy[1.0] == 0.5
