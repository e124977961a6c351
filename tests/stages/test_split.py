"""The split: a partition, in proportion, the same each time."""

import numpy as np
import pytest

from stages.harness.errors import InputError
from stages.split import assign_folds, split

LABELS = np.random.default_rng(0).integers(0, 10, 1000).astype(np.uint8)


@pytest.mark.parametrize("fraction", [0.05, 0.2, 0.5, 0.9])
def test_no_row_is_lost_or_in_both_parts(fraction: float) -> None:
    train, validation = split(LABELS, validation_fraction=fraction, seed=42)
    assert sorted([*train, *validation]) == list(range(1000))
    assert len(validation) == round(1000 * fraction)


def test_each_digit_is_divided_in_proportion() -> None:
    _, validation = split(LABELS, validation_fraction=0.2, seed=42)
    shares = np.bincount(LABELS[validation]) / np.bincount(LABELS)
    assert np.abs(shares - 0.2).max() < 0.01


def test_the_seed_decides() -> None:
    first, again, other = (split(LABELS, validation_fraction=0.2, seed=s)[1] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.tolist() != other.tolist()


@pytest.mark.parametrize("rare", [0, 1])
def test_a_digit_with_too_few_rows_is_named(rare: int) -> None:
    labels = np.concatenate([LABELS[LABELS != 7], np.full(rare, 7, np.uint8)])
    with pytest.raises(InputError, match=f"class 7 has {rare} of .* at least 2 rows"):
        split(labels, validation_fraction=0.2, seed=42)


@pytest.mark.parametrize("count", [2, 7, 20])
def test_each_fold_has_its_share_of_each_digit(count: int) -> None:
    folds = assign_folds(LABELS, folds=count, seed=42)
    assert np.unique(folds).tolist() == list(range(1, count + 1))
    for digit in range(10):
        sizes = np.bincount(folds[digit == LABELS], minlength=count + 1)[1:]
        assert np.ptp(sizes) <= 1
    np.testing.assert_array_equal(folds, assign_folds(LABELS, folds=count, seed=42))
    assert (folds != assign_folds(LABELS, folds=count, seed=1)).any()


def test_more_folds_than_rows_of_a_digit_are_refused() -> None:
    labels = np.concatenate([LABELS[LABELS != 7], np.full(4, 7, np.uint8)])
    assert set(assign_folds(labels, folds=4, seed=1)[labels == 7]) == {1, 2, 3, 4}
    with pytest.raises(InputError, match=r"^split.folds: 5: class 7 has 4 of .* at least 5 rows"):
        assign_folds(labels, folds=5, seed=1)


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_a_part_smaller_than_ten_rows_is_refused(fraction: float) -> None:
    with pytest.raises(InputError, match=f"split.validation_fraction: {fraction} of 1000 rows is"):
        split(LABELS, validation_fraction=fraction, seed=42)
