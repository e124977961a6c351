"""Evaluation: the scores and tables are of the validation rows."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from stages.classifiers.instance_based import Neighbours
from stages.classifiers.saved import load
from stages.formats.task import DIGITS
from stages.harness import paths
from tests.support.samples import classifier_arrays, save_array, save_model
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
    low, high = binomtest((predicted == labels).sum(), len(labels)).proportion_ci(0.95, "wilson")
    assert (scores["accuracy_low"], scores["accuracy_high"]) == pytest.approx((low, high), abs=5e-5)
    table = pd.read_csv(paths.VALIDATION_PREDICTIONS)
    expected = [rows, labels, predicted, probabilities.max(axis=1)]
    np.testing.assert_allclose(table.T, expected, atol=1e-4)
    curves = (paths.LEARNING_CURVE, paths.MODEL / paths.LEARNING_CURVE.name)
    assert pd.read_csv(curves[0]).equals(pd.read_csv(curves[1]))
    assert paths.NEIGHBOURS.read_text() == "row,neighbour\n"


def test_the_training_rows_that_voted_on_a_mistake_are_listed(with_classifier: Workplace) -> None:
    vectors = np.random.default_rng(1).random((20, 4), np.float32)
    kept = {"vectors": vectors, "labels": np.arange(20, dtype=np.uint8) % 10}
    save_model(classifier_arrays(Neighbours) | kept, "knn")
    save_array(paths.TRAIN_ROWS, np.arange(10, 30))
    save_array(paths.VALIDATION_ROWS, np.arange(10))
    assert with_classifier.run("evaluate") == (0, "")
    table = pd.read_csv(paths.VALIDATION_PREDICTIONS)
    wrong = table.row[table.actual != table.predicted]
    encoded = Neighbours.load(paths.MODEL, DIGITS).encode(np.load(paths.TRAIN_IMAGES)[wrong])
    distances = np.linalg.norm(encoded[:, None] - vectors, axis=2)
    expected = zip(wrong.repeat(2), 10 + distances.argsort(axis=1)[:, :2].ravel(), strict=True)
    assert [*map(tuple, pd.read_csv(paths.NEIGHBOURS).to_numpy())] == [*expected]
    assert len(wrong) > 2
