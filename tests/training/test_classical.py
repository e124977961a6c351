"""svm and knn: scikit-learn's decisions, and probabilities of rows that were not trained on."""

import numpy as np
import pytest
from sklearn.svm import SVC

from stages.classifiers.exemplars import SupportVectors
from stages.classifiers.features import Encoding
from stages.models.svm import spread_coefficients
from stages.training.classical import maximize_likelihood
from stages.training.encoding import fit_encoding, whiten
from tests.support.small import Data, create_small


def test_decisions_are_scikit_learns(parts: tuple[Data, Data]) -> None:
    (images, labels), (others, _) = parts
    params = Encoding(deskew=True, orientations=8, cells=7, components=40)
    encoding, vectors = fit_encoding(images, labels, "svm", params)
    machine = SVC(C=10, gamma=0.5, decision_function_shape="ovo").fit(vectors, labels)
    kept = SupportVectors(
        **encoding,
        vectors=vectors[machine.support_],
        coefficients=spread_coefficients(machine),
        intercepts=machine.intercept_.astype(np.float32),
        gamma=0.5,
        slope=50,
        power=1,
    )
    encoded = kept.encode(others)
    np.testing.assert_allclose(kept.decide(encoded), machine.decision_function(encoded), atol=1e-4)
    predictions = kept.predict_proba(others).argmax(axis=1)
    assert (predictions == machine.predict(encoded)).mean() > 0.99  # the others are ties


def test_whitened_images_of_a_class_differ_equally_along_all_axes() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 3], 500).astype(np.uint8)
    features = rng.normal(size=(1000, 5)).astype(np.float32) @ rng.random((5, 5), np.float32)
    features[labels == 3] += 10
    whitened = features @ whiten(features, labels, 0)
    inner = np.concatenate([part - part.mean(axis=0) for part in (whitened[:500], whitened[500:])])
    np.testing.assert_allclose(np.cov(inner.T), np.eye(5), atol=0.02)


def test_a_training_row_is_not_its_own_neighbour(parts: tuple[Data, Data]) -> None:
    """The training score shows that a quarter of the labels is wrong."""
    (images, labels), validation = parts
    wrong = labels.copy()
    wrong[::4] = (wrong[::4] + 1) % 10
    curve = create_small("knn", cells=3).fit(images, wrong, validation)
    assert 0.6 < curve["train_accuracy"][0] < 0.75


def test_the_likelihood_is_maximal() -> None:
    """Of labels that are 0, 1 and 2 in proportions 5 to 3 to 2, for (a, b, 1) / (a + b + 1)."""
    labels = np.repeat([0, 1, 2], [500, 300, 200]).astype(np.uint8)

    def predict(a: float, b: float) -> np.ndarray:
        return np.tile([a, b, 1] + [0] * 7, (1000, 1)) / (a + b + 1)

    best = maximize_likelihood(predict, labels, start=(1, 1), bounds=((0.01, 100), (0.01, 100)))
    assert best == pytest.approx((2.5, 1.5), rel=0.02)
