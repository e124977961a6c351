"""svm and knn: as accurate and as honest as their library, the same bytes each time."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.svm import SVC

from stages.classical import Knn, Svm, encode, most_likely, pairwise_coefficients
from stages.classifier import load
from stages.dataset import Images, Labels
from stages.errors import InputError
from stages.exemplars import SupportVectors
from stages.preprocess import to_images
from tests.conftest import Pixels

Data = tuple[Images, Labels]

ENCODING = {"deskew": True, "orientations": 8, "cells": 7, "components": 40}


def svm(**changed: Any) -> Svm:
    return Svm(**({"cost": 10.0, "gamma": 1.0, "folds": 3, "seed": 42} | ENCODING | changed))


def knn(**changed: Any) -> Knn:
    return Knn(**({"neighbours": 8, "seed": 42} | ENCODING | changed))


@pytest.fixture(scope="module")
def parts(digits: tuple[Pixels, Pixels]) -> tuple[Data, Data]:
    """200 digits to train on and 200 to be scored on."""
    images, labels = to_images(digits[0]), digits[1]
    return (images[:200], labels[:200]), (images[200:], labels[200:])


def saved(classifier: Svm | Knn, train: Data, validation: Data, folder: Path) -> str:
    """Trains and saves; returns a digest of all files."""
    classifier.fit(*train, validation)
    folder.mkdir()
    classifier.save(folder)
    contents = [path.name.encode() + path.read_bytes() for path in sorted(folder.iterdir())]
    return hashlib.sha256(b"".join(contents)).hexdigest()


@pytest.mark.parametrize("new", [svm, knn])
def test_it_learns_and_the_saved_one_is_the_trained_one(
    parts: tuple[Data, Data], tmp_path: Path, new: Any
) -> None:
    train, (images, labels) = parts
    classifier = new()
    curve = classifier.fit(*train, (images, labels))
    classifier.save(tmp_path)
    probabilities = load(tmp_path).predict_proba(images)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    accuracy = (probabilities.argmax(axis=1) == labels).mean()
    assert accuracy > 0.92
    assert curve["epoch"] == [1]
    assert curve["validation_accuracy"] == [pytest.approx(accuracy)]
    likelihood = probabilities[np.arange(200), labels]
    assert curve["validation_loss"] == [pytest.approx(-np.log(likelihood).mean(), abs=1e-5)]
    assert curve["validation_loss"][0] < 0.3


@pytest.mark.parametrize("new", [svm, knn])
def test_the_same_seed_gives_the_same_bytes(
    parts: tuple[Data, Data], tmp_path: Path, new: Any
) -> None:
    first = saved(new(), *parts, tmp_path / "first")
    assert saved(new(), *parts, tmp_path / "again") == first


@pytest.mark.parametrize("new", [svm, knn])
def test_validation_rows_choose_nothing(parts: tuple[Data, Data], tmp_path: Path, new: Any) -> None:
    train, (images, labels) = parts
    nonsense = (1 - images[::-1], np.roll(labels, 1))
    first = saved(new(), train, (images, labels), tmp_path / "first")
    assert saved(new(), train, nonsense, tmp_path / "nonsense") == first


def test_decisions_are_scikit_learns(parts: tuple[Data, Data]) -> None:
    (images, labels), (others, _) = parts
    encoding, vectors = encode(images, "svm", deskew=True, orientations=8, cells=7, components=40)
    machine = SVC(C=10, gamma=0.5, decision_function_shape="ovo").fit(vectors, labels)
    kept = SupportVectors(
        **encoding,
        vectors=vectors[machine.support_],
        coefficients=pairwise_coefficients(machine),
        intercepts=machine.intercept_.astype(np.float32),
        gamma=0.5,
        slope=50,
        power=1,
    )
    asked = kept.encode(others)
    np.testing.assert_allclose(kept.decisions(asked), machine.decision_function(asked), atol=1e-4)
    found = kept.predict_proba(others).argmax(axis=1)
    assert (found == machine.predict(asked)).mean() > 0.99  # the rest are draws


def test_a_training_row_is_not_its_own_neighbour(parts: tuple[Data, Data]) -> None:
    """The score of the training part is worth something: wrong labels show in it."""
    (images, labels), validation = parts
    spoilt = labels.copy()
    spoilt[::4] = (spoilt[::4] + 1) % 10
    curve = knn().fit(images, spoilt, validation)
    assert 0.5 < curve["train_accuracy"][0] < 0.8


def test_most_likely_finds_the_maximum() -> None:
    """Of labels that are 0, 1 and 2 in proportions 5 to 3 to 2, for (a, b, 1) / (a + b + 1)."""
    labels = np.repeat([0, 1, 2], [500, 300, 200]).astype(np.uint8)

    def probabilities(a: float, b: float) -> np.ndarray:
        return np.tile([a, b, 1] + [0] * 7, (1000, 1)) / (a + b + 1)

    found = most_likely(probabilities, labels, start=(1, 1), bounds=((0.01, 100), (0.01, 100)))
    assert found == pytest.approx((2.5, 1.5), rel=0.02)


@pytest.mark.parametrize(
    ("classifier", "complaint"),
    [
        (svm(components=201), r"models\.svm\.components: 201; expected at most 200"),
        (knn(components=393), r"models\.knn\.components: 393; expected at most 200"),
        (knn(cells=2, components=33), r"components: 33; expected at most 32.*32 features"),
        (knn(neighbours=200), r"models\.knn\.neighbours: 200 of 200 training rows"),
        (svm(folds=20), r"models\.svm\.folds: 20; .*digit . has .* training rows"),
    ],
)
def test_what_the_rows_do_not_allow_is_refused(
    parts: tuple[Data, Data], classifier: Svm | Knn, complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        classifier.fit(*parts[0], parts[1])


@pytest.mark.parametrize("new", [svm, knn])
def test_images_that_are_all_alike_are_refused(parts: tuple[Data, Data], new: Any) -> None:
    blank = np.zeros_like(parts[0][0])
    with pytest.raises(InputError, match="all alike"):
        new().fit(blank, parts[0][1], parts[1])
