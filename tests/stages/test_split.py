"""The split: a partition, in proportion, the same each time."""

import numpy as np
import pytest

from stages.harness.errors import InputError
from stages.split import assign_folds, split

LABELS = np.random.default_rng(0).integers(0, 10, 1000).astype(np.uint8)


def with_few_sevens(count: int) -> np.ndarray:
    return np.concatenate([LABELS[LABELS != 7], np.full(count, 7, np.uint8)])


@pytest.mark.parametrize("fraction", [0.05, 0.2, 0.9])
def test_each_row_is_in_one_part_and_each_digit_in_proportion(fraction: float) -> None:
    train, validation = split(LABELS, validation_fraction=fraction, seed=42)
    assert sorted([*train, *validation]) == list(range(1000))
    assert len(validation) == round(1000 * fraction)
    again, other = (split(LABELS, validation_fraction=fraction, seed=seed)[1] for seed in (42, 1))
    assert again.tolist() == validation.tolist() != other.tolist()
    shares = np.bincount(LABELS[validation]) / np.bincount(LABELS)
    assert np.abs(shares - fraction).max() < 0.01


@pytest.mark.parametrize("count", [2, 20])
def test_each_fold_has_its_share_of_each_digit(count: int) -> None:
    folds = assign_folds(LABELS, folds=count, seed=42)
    assert np.unique(folds).tolist() == list(range(1, count + 1))
    for digit in range(10):
        sizes = np.bincount(folds[digit == LABELS], minlength=count + 1)[1:]
        assert np.ptp(sizes) <= 1
    np.testing.assert_array_equal(folds, assign_folds(LABELS, folds=count, seed=42))
    assert (folds != assign_folds(LABELS, folds=count, seed=1)).any()


def test_a_digit_with_too_few_rows_is_named() -> None:
    with pytest.raises(InputError, match=r"class 7 has 1 .* at least 2,"):
        split(with_few_sevens(1), validation_fraction=0.2, seed=42)
    with pytest.raises(InputError, match=r"class 7 has 4 .* at least 5,"):
        assign_folds(with_few_sevens(4), folds=5, seed=1)


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_a_part_smaller_than_ten_rows_is_rejected(fraction: float) -> None:
    with pytest.raises(
        InputError, match=f"split.validation_fraction: {fraction}: The t.* = 1 should be greater"
    ):
        split(LABELS, validation_fraction=fraction, seed=42)
