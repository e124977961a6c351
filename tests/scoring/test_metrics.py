"""Scores: as scikit-learn computes them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from stages.formats.task import DIGITS
from stages.scoring.metrics import log_loss, most_probable, score_classes

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=60)


def test_confidence_is_rounded_down() -> None:
    highest = np.array([0.99998, 0.71, 0.5, 1], np.float32)
    table = most_probable(np.stack([1 - highest, highest], axis=1), ("a", "NA"))
    assert table["confidence"].tolist() == ["0.9999", "0.7100", "0.5000", "1.0000"]
    assert table["predicted"].tolist() == ["NA", "NA", "a", "NA"]


@settings(max_examples=40, deadline=None)  # the first call waits for scikit-learn
@given(pairs=PAIRS, seed=st.integers(0, 99))
def test_the_scores_are_scikit_learns(pairs: list[tuple[int, int]], seed: int) -> None:
    labels, predicted = np.array(pairs, np.uint8).T
    names = pd.DataFrame(pairs, columns=["actual", "predicted"], dtype=str)
    table = score_classes(names, DIGITS.classes)
    score = metrics.precision_recall_fscore_support
    expected = score(labels, predicted, labels=range(10), zero_division=0)
    np.testing.assert_allclose(table[["precision", "recall", "f1", "rows"]].T, expected)
    counts = metrics.confusion_matrix(labels, predicted, labels=range(10))
    np.testing.assert_array_equal(table.filter(like="as_"), counts)
    rows = np.random.default_rng(seed).dirichlet(np.full(10, 0.2), len(labels)).astype(np.float32)
    rows /= rows.sum(axis=1, keepdims=True)
    loss = metrics.log_loss(labels, rows, labels=range(10))
    assert log_loss(labels, rows) == pytest.approx(loss, rel=1e-5, abs=1e-6)
    perfect = log_loss(labels, np.eye(10, dtype=np.float32)[labels])
    assert str(perfect) == "0.0"  # without a sign
