"""Scores: against published values, or scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from stages.scoring.metrics import confusion_matrix, score, score_classes, wilson_interval


def test_the_interval_is_wilsons() -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998), table I."""
    for hits, count, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson_interval(hits, count, 0.95) == pytest.approx((low, high), abs=5e-5)


def test_a_perfect_score_has_no_sign() -> None:
    perfect = score(np.arange(10, dtype=np.uint8), np.eye(10, dtype=np.float32), interval=0.95)
    assert str(perfect["log_loss"]) == "0.0"


DIGITS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=60)


@settings(max_examples=40, deadline=None)  # the first call waits for scikit-learn
@given(pairs=DIGITS, seed=st.integers(0, 99))
def test_the_scores_are_scikit_learns(pairs: list[tuple[int, int]], seed: int) -> None:
    labels, predicted = np.array(pairs, np.uint8).T
    counts = confusion_matrix(labels, predicted)
    expected = metrics.confusion_matrix(labels, predicted, labels=range(10))
    np.testing.assert_array_equal(counts, expected)
    columns = score_classes(counts)
    reference = metrics.precision_recall_fscore_support(
        labels, predicted, labels=range(10), zero_division=0
    )
    for name, values in zip(("precision", "recall", "f1", "rows"), reference, strict=True):
        np.testing.assert_allclose(columns[name], values, atol=1e-6)
    np.testing.assert_array_equal([columns[f"as_{digit}"] for digit in range(10)], counts.T)
    rows = np.random.default_rng(seed).dirichlet(np.full(10, 0.2), len(labels))
    rows = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
    scores = score(labels, rows, interval=0.95)
    hits = rows.argmax(axis=1) == labels
    assert scores["accuracy"] == pytest.approx(hits.mean(), abs=6e-5)
    interval = wilson_interval(int(hits.sum()), len(hits), 0.95)
    assert (scores["accuracy_low"], scores["accuracy_high"]) == pytest.approx(interval, abs=6e-5)
    loss = metrics.log_loss(labels, rows, labels=range(10))
    assert scores["log_loss"] == pytest.approx(loss, rel=1e-5, abs=6e-5)
