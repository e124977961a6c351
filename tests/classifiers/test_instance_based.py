"""`svm` and `knn`: decisions and votes become probabilities; other features are refused."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from stages.classifiers import features
from stages.classifiers.instance_based import Neighbours, pairwise_to_probabilities, vote
from stages.formats.task import DIGITS
from stages.harness.errors import InputError
from tests.support.samples import classifier_arrays


def test_coupling_by_hand() -> None:
    """0 beats 1 with odds of 3 to 1 and all other decisions are even."""
    decisions = np.zeros((1, 45), np.float32)
    decisions[0, 0] = np.log(3)
    first, second, third = pairwise_to_probabilities(decisions, 10, 1, 1)[0, :3]
    assert first / second == pytest.approx(3)
    assert first / third == pytest.approx(1.5)
    first, second = pairwise_to_probabilities(decisions, 10, 1, 2)[0, :2]
    assert first / second == pytest.approx(9)


def test_votes_are_scikit_learns_but_for_the_prior() -> None:
    rng = np.random.default_rng(0)
    kept, labels = rng.normal(size=(200, 5)), rng.integers(0, 10, 200).astype(np.uint8)
    labels[:10] = range(10)
    index = KNeighborsClassifier(
        7, weights=lambda d: np.exp((d[:, :1] ** 2 - d**2) / 0.7), algorithm="brute"
    ).fit(kept, labels)
    vectors = rng.normal(size=(50, 5))
    distances, rows = index.kneighbors(vectors)
    probabilities = vote(distances.astype(np.float32), labels[rows], 10, 0.7, 0)
    np.testing.assert_allclose(probabilities, index.predict_proba(vectors), atol=1e-5)


def test_a_prior_leaves_no_digit_without_a_chance() -> None:
    distances, labels = np.array([[1, 1]], np.float32), np.array([[3, 3]], np.uint8)
    probabilities = vote(distances, labels, 10, 1, 0.25)[0]
    assert probabilities[3] == pytest.approx(2.25 / 4.5)
    assert probabilities[0] == pytest.approx(0.25 / 4.5)


@pytest.mark.parametrize("changed", ["SPREAD", "AXIS"])
def test_one_of_other_features(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """The code for the features has changed since it was trained: what it keeps means nothing."""
    Neighbours(task=DIGITS, **classifier_arrays(Neighbours)).save(tmp_path)
    Neighbours.load(tmp_path, DIGITS)
    value = getattr(features, changed)
    monkeypatch.setattr(features, changed, value * np.float32(1.1))
    with pytest.raises(InputError, match=r"model\.npz: .*other features .*; train again"):
        Neighbours.load(tmp_path, DIGITS)
