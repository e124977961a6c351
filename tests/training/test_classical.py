"""svm and knn: scikit-learn's decisions, and probabilities of rows that were not trained on."""

import numpy as np
from sklearn.svm import SVC

from stages.classifiers.instance_based import SupportVectors
from stages.formats.task import DIGITS
from stages.harness.section import Encoding
from stages.models.svm import spread_coefficients
from stages.training.classical import fit_encoding
from tests.support.small import Data, create_small


def test_decisions_are_scikit_learns(parts: tuple[Data, Data]) -> None:
    (images, labels), (others, _) = parts
    params = Encoding(deskew=True, orientations=8, cells=7, components=40)
    encoding, vectors = fit_encoding(images, labels, "svm", params)
    machine = SVC(C=10, gamma=0.5, decision_function_shape="ovo").fit(vectors, labels)
    kept = SupportVectors(
        task=DIGITS,
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


def test_a_training_row_is_not_its_own_neighbour(parts: tuple[Data, Data]) -> None:
    """The training score shows that a quarter of the labels is wrong."""
    (images, labels), validation = parts
    wrong = labels.copy()
    wrong[::4] = (wrong[::4] + 1) % 10
    curve = create_small("knn", cells=3).fit(images, wrong, validation)
    assert 0.6 < curve["train_accuracy"][0] < 0.75
