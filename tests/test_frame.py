"""Framing a digit as MNIST does."""

import io
import os
import zipfile

import numpy as np
import pytest

from stages.frame import BOX, framed


@pytest.mark.skipif("DIGIT_RECOGNIZER_ZIP" not in os.environ, reason="no DIGIT_RECOGNIZER_ZIP")
def test_mnist_cut_out_and_framed_again_is_mnist() -> None:
    with zipfile.ZipFile(os.environ["DIGIT_RECOGNIZER_ZIP"]) as archive:
        file = io.TextIOWrapper(archive.open("train.csv"))
        rows = np.loadtxt(file, np.uint8, delimiter=",", skiprows=1, max_rows=5000)
    for image in rows[:, 1:].reshape(-1, 28, 28):
        down, right = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
        digit = image[down[0] : down[-1] + 1, right[0] : right[-1] + 1]
        np.testing.assert_array_equal(framed(digit), image)


def test_the_centre_of_mass_is_in_the_middle() -> None:
    digit = np.zeros((20, 9), np.uint8)
    digit[18:, 2:5] = 200
    row, column = (np.flatnonzero(framed(digit).any(axis=axis)).mean() for axis in (1, 0))
    assert row == 18.5  # the empty rows above it count: a digit is moved, never cut
    assert column == 14


@pytest.mark.parametrize("digit", [np.ones((BOX + 1, 3)), np.zeros((5, 5))])
def test_what_is_no_digit_is_refused(digit: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected ink, within"):
        framed(digit.astype(np.uint8))
