"""Evaluation: the scores and tables are of the validation rows."""

import json

import numpy as np
import pandas as pd
import pytest

from stages.classifiers.saved import load
from stages.harness import paths
from tests.support.workplace import Workplace


def test_the_validation_rows_are_scored(with_classifier: Workplace) -> None:
    assert with_classifier.run("evaluate") == (0, "")
    rows = np.load(paths.VALIDATION_ROWS)
    labels = np.load(paths.TRAIN_LABELS)[rows]
    probabilities = load(paths.MODEL).predict_proba(np.load(paths.TRAIN_IMAGES)[rows])
    predicted = probabilities.argmax(axis=1)
    scores = json.loads(paths.SCORES.read_text())
    assert scores["accuracy"] == pytest.approx((predicted == labels).mean())
    assert scores["train_accuracy"] == 0.9  # the last of the learning curve
    table = pd.read_csv(paths.VALIDATION_PREDICTIONS)
    assert list(table.row) == list(rows)
    assert list(table.actual) == list(labels)
    assert list(table.predicted) == list(predicted)
    np.testing.assert_allclose(table.confidence, probabilities.max(axis=1), atol=1e-4)
    classes = pd.read_csv(paths.CLASSES_TABLE)
    for digit in range(10):
        assert list(classes[f"as_{digit}"]) == [
            int(((labels == true) & (predicted == digit)).sum()) for true in range(10)
        ]
    curves = (paths.LEARNING_CURVE, paths.MODEL / paths.LEARNING_CURVE.name)
    assert pd.read_csv(curves[0]).equals(pd.read_csv(curves[1]))
