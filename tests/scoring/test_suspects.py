"""Suspects: wrong labels are found, and right ones are left alone."""

import numpy as np
import pytest

from stages.formats.prepared import Probabilities, to_images
from stages.scoring.suspects import find_suspects, tabulate_suspects
from stages.split import assign_folds
from tests.support.samples import mnist, probabilities
from tests.training.conftest import create_small


def test_the_most_doubtful_come_first_and_no_more_than_are_expected() -> None:
    labels = np.array([1, 1, 1, 1, 2, 2, 2, 2], np.uint8)
    predicted = [1, 1, 2, 2, 2, 2, 1, 3]
    found = probabilities(predicted, [0.9, 0.8, 0.5, 0.7, 0.9, 0.8, 0.95, 0.9])
    # The thresholds are about 0.45 for 1 and 2, and no row is labelled 3: so of the sure ones, 2
    # of 4 are wrong and 1 of 3. Of all 4 and 4, these are 3.3.
    assert find_suspects(labels, found).tolist() == [6, 7, 3, 2]
    found[2] = probabilities([2], [0.4])  # 1 of 3 and 1 of 3: 2.7 of all
    table = tabulate_suspects(np.arange(100, 108), labels, found)
    assert [*zip(*table.values(), strict=True)] == [
        (106, 2, 1, "0.9500"),
        (107, 2, 3, "0.9000"),
        (103, 1, 2, "0.7000"),
    ]
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
    assert len(suspects) < 100
    assert len(set(suspects[:60].tolist()) & set(planted.tolist())) >= 45
