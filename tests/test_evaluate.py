"""Evaluation: what its tables say of each validation row."""

import numpy as np

from stages.evaluate import tables
from stages.params import Evaluate
from tests.test_scores import probabilities


def test_each_row_has_its_prediction() -> None:
    settings = Evaluate(interval=0.95, calibration_bins=15)
    rows, labels = np.array([4, 9]), np.array([1, 2], np.uint8)
    found = tables(rows, labels, probabilities([1, 7], [0.5, 0.87654]), settings)
    table = found["validation_predictions.csv"]
    assert list(zip(*table.values(), strict=True)) == [(4, 1, 1, "0.5000"), (9, 2, 7, "0.8765")]
    assert list(found["classes.csv"]["as_7"]) == [0, 0, 1, *[0] * 7]
