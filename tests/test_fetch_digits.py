"""The default source."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from stages import fetch_digits
from stages.dataset import read_blocks


def test_enlarging_keeps_place_and_grey() -> None:
    """Averaged back to 8x8, a digit is what it was."""
    small = load_digits().images[:50]
    large = fetch_digits.enlarge(small).reshape(-1, 28, 28)
    assert large.dtype == np.uint8
    edges = np.linspace(0, 28, 9)
    centres = np.round((edges[:-1] + edges[1:]) / 2 - 0.5).astype(int)
    again = large[:, centres][:, :, centres] * (16 / 255)
    assert np.corrcoef(again.ravel(), small.ravel())[0, 1] > 0.97


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
