"""The default source."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from stages import fetch_digits
from stages.dataset import read_blocks
from tests.conftest import Pixels


def test_enlarging_keeps_shape_and_grey() -> None:
    """Cut out and averaged back to 8x8, a digit is what it was."""
    small = load_digits().images[:50]
    for image, before in zip(fetch_digits.enlarge(small).reshape(-1, 28, 28), small, strict=True):
        top = np.flatnonzero(image.any(axis=1))[0]  # every digit has ink in its first row
        digit = image[top : top + 20]
        found = [resized(np.roll(digit, -left, axis=1)[:, :20]) for left in range(9)]
        assert max(np.corrcoef(again.ravel(), before.ravel())[0, 1] for again in found) > 0.97


def resized(digit: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(digit).resize((8, 8), Image.Resampling.BOX))


@pytest.mark.usefixtures("in_tmp")
def test_every_digit_is_in_one_file() -> None:
    fetch_digits.main()
    folder = Path("data/digits")
    train = np.concatenate(list(read_blocks(folder / "train.csv", labelled=True)))
    test = np.concatenate(list(read_blocks(folder / "test.csv", labelled=False)))
    assert (len(train), len(test)) == (1500, 297)
    assert np.bincount(train[:, 0]).min() >= 145  # stratified: no digit is rare
    everything = fetch_digits.enlarge(load_digits().images)
    found = np.concatenate([train[:, 1:], test])
    assert sorted(row.tobytes() for row in found) == sorted(row.tobytes() for row in everything)
