"""Framing a digit as MNIST does."""

import numpy as np
import pytest

from tests.support.samples import mnist
from tools.recognize.frame import DIGIT_SIZE, place_in_frame
from tools.recognize.images import bounding_box


def test_mnist_cut_out_and_framed_again_is_mnist() -> None:
    for image in mnist()[0][:500].reshape(-1, 28, 28):
        np.testing.assert_array_equal(place_in_frame(image[bounding_box(image > 0)]), image)


def test_the_centre_of_mass_is_in_the_middle() -> None:
    digit = np.zeros((20, 9), np.uint8)
    digit[18:, 2:5] = 200
    row, column = (np.flatnonzero(place_in_frame(digit).any(axis=axis)).mean() for axis in (1, 0))
    assert row == 18.5  # the empty rows above it count: no part of a digit is cut off
    assert column == 14


@pytest.mark.parametrize("digit", [np.ones((DIGIT_SIZE + 1, 3)), np.zeros((5, 5))])
def test_what_cannot_be_framed_is_refused(digit: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected 1-20 pixels, not all 0"):
        place_in_frame(digit.astype(np.uint8))
