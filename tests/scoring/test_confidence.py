"""Confidence: reliability as scikit-learn's and SciPy's; the rest worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from stages.scoring.confidence import (
    expected_calibration_error,
    find_label_issues,
    measure_coverage,
    measure_reliability,
)


def test_reliability_is_scikit_learns_and_its_intervals_are_wilsons() -> None:
    generator = np.random.default_rng(3)
    confidence = np.append(generator.uniform(0.3, 1, 499), 1)  # 1 falls into the last bin
    correct = (generator.random(500) < confidence) & (confidence > 0.4)  # none in the first bin
    scored = pd.DataFrame({"confidence": confidence, "correct": correct})
    table = measure_reliability(scored, bins=10, interval=0.9)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10)
    images, edges = np.histogram(confidence, bins=np.arange(3, 11) / 10)
    columns = ["from", "to", "confidence", "accuracy", "images"]
    expected = [edges[:-1], edges[1:], mean, accuracy, images]
    np.testing.assert_allclose(table[columns].T, expected)
    error = np.average(abs(mean - accuracy), weights=images)
    assert expected_calibration_error(table) == pytest.approx(error)
    for row in table.to_dict("records"):
        hits = round(row["accuracy"] * row["images"])
        interval = binomtest(hits, row["images"]).proportion_ci(0.9, "wilson")
        assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_coverage_keeps_the_most_confident() -> None:
    scored = {"confidence": [0.9, 0.3, 0.8, 0.5], "correct": [True, False, True, False]}
    table = measure_coverage(pd.DataFrame(scored))
    accuracy = table.set_index("coverage")["accuracy"]
    assert accuracy[[0.01, 0.25, 0.5]].tolist() == [1, 1, 1]  # those of 0.9 and 0.8
    assert accuracy[0.51] == accuracy[0.75] == pytest.approx(2 / 3)
    assert accuracy[1.0] == 0.5


def test_as_many_label_issues_as_are_expected_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the definition of confident learning."""
    labels = np.array([1, 1, 1, 1, 2, 2, 2, 2], np.uint8)
    predicted = [1, 1, 2, 2, 2, 2, 1, 3]
    confidence = np.array([0.9, 0.8, 0.5, 0.7, 0.9, 0.8, 0.95, 0.9])
    found = np.repeat((1 - confidence[:, None]) / 9, 10, axis=1)
    found[range(8), predicted] = confidence
    # The thresholds are about 0.45 for 1 and 2, and no row is labelled 3: so of the confident ones,
    # 2 of 4 are wrong and 1 of 3. Of all 4 and 4, these are 3.3.
    assert len(find_label_issues(labels, found)) == 0, "one that is often wrong names none"
    monkeypatch.setattr("stages.scoring.confidence.LEAST_ACCURACY", 0.5)
    assert find_label_issues(labels, found).tolist() == [6, 7, 3, 2]
    found[2, 2] = 0.4  # 1 of 3 and 1 of 3: 2.7 of all
    assert find_label_issues(labels, found).tolist() == [6, 7, 3]
    assert len(find_label_issues(np.array(predicted, np.uint8), found)) == 0
