"""The split: a partition, in proportion, the same each time."""

import numpy as np
import pytest

from stages.formats.appearance import find_equal
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


@pytest.mark.parametrize("folds", [1, 5])
def test_equal_images_stay_on_one_side(folds: int) -> None:
    """Each of 300 images is there three times, in any order."""
    firsts = np.random.default_rng(1).permutation(np.repeat(np.arange(300), 3))
    groups, pairs = np.arange(900), find_equal(firsts.astype(np.uint64))
    groups[pairs[:, 0]] = pairs[:, 1]
    labels = LABELS[firsts]
    if folds > 1:
        part = assign_folds(labels, groups, folds=folds, seed=42).astype(int)
    else:
        train, validation = split(labels, groups, validation_fraction=0.2, seed=42)
        assert sorted([*train, *validation]) == list(range(900))
        part = np.isin(np.arange(900), validation).astype(int)
        assert len(validation) == 180
    assert all(len(set(part[firsts == first])) == 1 for first in range(300))


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
