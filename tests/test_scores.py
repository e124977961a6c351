"""Scores: against values worked out by hand, published, or scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from stages.scores import (
    Probabilities,
    by_class,
    confusion_matrix,
    rounded_down,
    score,
    wilson_interval,
)


def probabilities(predicted: list[int], confidence: list[float]) -> Probabilities:
    """Rows with `confidence` for the predicted digit, and the rest spread over the others."""
    rest = (1 - np.array(confidence)) / 9
    rows = np.repeat(rest[:, None], 10, axis=1)
    rows[np.arange(len(predicted)), predicted] = confidence
    return rows.astype(np.float32)


def test_scores_of_four_digits() -> None:
    labels = np.array([1, 2, 3, 4], np.uint8)
    guesses = probabilities([1, 2, 3, 5], [0.9, 0.8, 0.6, 0.55])
    found = score(labels, guesses, interval=0.95)
    assert found["accuracy"] == 0.75
    expected = -np.mean(np.log([0.9, 0.8, 0.6, 0.05]))
    assert found["log_loss"] == pytest.approx(expected, abs=6e-5)


def test_the_interval_is_wilsons() -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998), table I."""
    for hits, count, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson_interval(hits, count, 0.95) == pytest.approx((low, high), abs=5e-5)


def test_each_class_has_precision_recall_and_f1() -> None:
    labels, predicted = np.array([0, 0, 0, 1, 1], np.uint8), np.array([0, 0, 1, 1, 2], np.uint8)
    found = by_class(confusion_matrix(labels, predicted))
    np.testing.assert_allclose(found["precision"][:3], [1, 0.5, 0])
    np.testing.assert_allclose(found["recall"][:3], [2 / 3, 0.5, 0], atol=1e-6)
    np.testing.assert_allclose(found["f1"][:3], [0.8, 0.5, 0])
    assert list(found["rows"][:3]) == [3, 2, 0]
    assert [found[f"as_{digit}"][0] for digit in range(10)] == [2, 1, *[0] * 8]


DIGITS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=60)


@settings(deadline=None)  # the first call waits for scikit-learn
@given(pairs=DIGITS, seed=st.integers(0, 99))
def test_the_scores_are_scikit_learns(pairs: list[tuple[int, int]], seed: int) -> None:
    labels, predicted = np.array(pairs, np.uint8).T
    counts = confusion_matrix(labels, predicted)
    expected = metrics.confusion_matrix(labels, predicted, labels=range(10))
    np.testing.assert_array_equal(counts, expected)
    found = by_class(counts)
    reference = metrics.precision_recall_fscore_support(
        labels, predicted, labels=range(10), zero_division=0
    )
    for name, values in zip(("precision", "recall", "f1", "rows"), reference, strict=True):
        np.testing.assert_allclose(found[name], values, atol=1e-6)
    rows = np.random.default_rng(seed).dirichlet(np.full(10, 0.2), len(labels))
    rows = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
    scores = score(labels, rows, interval=0.95)
    assert scores["accuracy"] == pytest.approx((rows.argmax(axis=1) == labels).mean(), abs=6e-5)
    loss = metrics.log_loss(labels, rows, labels=range(10))
    assert scores["log_loss"] == pytest.approx(loss, rel=1e-5, abs=6e-5)


@pytest.mark.parametrize("kind", [float, np.float32, np.float64])
def test_a_share_is_rounded_down(kind: type[float]) -> None:
    for share, decimals, expected in (
        (1, 0, "100%"),
        (1, 1, "100.0%"),
        (0.996, 0, "99%"),
        (0.996, 1, "99.6%"),
        (0.29, 0, "29%"),  # 100 times it is less than 29, in 64 bits
        (0.07, 1, "7.0%"),
        (1e-9, 1, "0.0%"),
        (0, 0, "0%"),
    ):
        assert rounded_down(kind(share), decimals) == expected
    below = np.nextafter(kind(1), kind(0))
    assert rounded_down(below, 0) == "99%"
    assert rounded_down(below, 1) == "99.9%"
