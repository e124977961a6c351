"""Suspects: wrong labels are found, and right ones are left alone."""

import numpy as np
import pytest

from stages.formats.prepared import Probabilities, to_images
from stages.scoring.suspects import find_suspects, tabulate_suspects
from stages.split import assign_folds
from tests.support.samples import mnist, probabilities
from tests.training.conftest import create_small


def test_a_label_is_in_doubt_if_another_class_reaches_its_own_threshold() -> None:
    labels = np.array([1, 1, 1, 1, 2, 2, 2, 2], np.uint8)
    predicted = [1, 1, 2, 2, 2, 2, 1, 3]
    found = probabilities(predicted, [0.9, 0.8, 0.5, 0.7, 0.9, 0.8, 0.95, 0.9])
    # The thresholds: about 0.45 of class 1 and of class 2. No row is labelled 3.
    assert find_suspects(labels, found).tolist() == [6, 3, 2]
    found[2] = probabilities([2], [0.4])
    assert find_suspects(labels, found).tolist() == [6, 3]
    table = tabulate_suspects(np.arange(100, 108), labels, found)
    assert [*zip(*table.values(), strict=True)] == [(106, 2, 1, "0.9500"), (103, 1, 2, "0.7000")]
    right = np.array(predicted, np.uint8)
    assert len(find_suspects(right, found)) == 0


@pytest.mark.slow
def test_planted_labels_come_first() -> None:
    pixels, labels = mnist()
    images, given = to_images(pixels), labels.copy()
    rng = np.random.default_rng(0)
    planted = rng.choice(len(labels), 50, replace=False)
    given[planted] = (given[planted] + rng.integers(1, 10, 50)) % 10
    folds = assign_folds(given, folds=3, seed=0)
    found: Probabilities = np.empty((len(labels), 10), np.float32)
    for number in (1, 2, 3):
        train, own = folds != number, folds == number
        classifier = create_small("knn", components=100)
        classifier.fit(images[train], given[train], (images[:10], given[:10]))
        found[own] = classifier.trained.predict_proba(images[own])
    suspects = find_suspects(given, found)
    assert len(set(suspects[:60].tolist()) & set(planted.tolist())) >= 45
