"""What is picked to be looked at."""

import numpy as np

from stages.findings import first_of_each, interesting
from tests.test_galleries import ROWS


def test_the_most_confident_mistake_comes_first() -> None:
    assert interesting(ROWS, 10)["row"].tolist() == [3, 1, 2, 4, 0]
    assert interesting(ROWS, 2)["row"].tolist() == [3, 1]


def test_as_many_of_each_digit() -> None:
    labels = np.array([*range(10)] * 7, np.uint8)
    assert labels[first_of_each(labels, 3)].tolist() == [i for i in range(10) for _ in range(3)]
