"""The split: a partition, in proportion, the same each time."""

from contextlib import suppress

import numpy as np
import pytest

from stages.formats.task import DIGITS
from stages.harness.errors import InputError
from stages.preprocess import find_first
from stages.split import assign_folds, check_counts, check_part, split

LABELS = np.random.default_rng(0).integers(0, 10, 1000).astype(np.uint8)
ALONE = np.arange(1000)  # each row is a group of its own


def with_few_sevens(count: int) -> np.ndarray:
    return np.concatenate([LABELS[LABELS != 7], np.full(count, 7, np.uint8)])


@pytest.mark.parametrize("fraction", [0.05, 0.2, 0.9])
def test_each_row_is_in_one_part_and_each_digit_in_proportion(fraction: float) -> None:
    train, validation = split(LABELS, ALONE, fraction=fraction, seed=42)
    assert sorted([*train, *validation]) == list(range(1000))
    assert len(validation) == round(1000 * fraction)
    again, other = (split(LABELS, ALONE, fraction=fraction, seed=seed)[1] for seed in (42, 1))
    assert again.tolist() == validation.tolist() != other.tolist()
    shares = np.bincount(LABELS[validation]) / np.bincount(LABELS)
    assert np.abs(shares - fraction).max() < 0.01


@pytest.mark.parametrize("count", [2, 20])
def test_each_fold_has_its_share_of_each_digit(count: int) -> None:
    folds = assign_folds(LABELS, ALONE, folds=count, seed=42)
    assert np.unique(folds).tolist() == list(range(1, count + 1))
    for digit in range(10):
        sizes = np.bincount(folds[digit == LABELS], minlength=count + 1)[1:]
        assert np.ptp(sizes) <= 1
    np.testing.assert_array_equal(folds, assign_folds(LABELS, ALONE, folds=count, seed=42))
    assert (folds != assign_folds(LABELS, ALONE, folds=count, seed=1)).any()


def test_groups_that_share_a_row_are_one() -> None:
    """The first three rows hang together by the second one; the last two are alone."""
    firsts = find_first(np.array([7, 7, 5, 1, 2]), np.array(["a", "b", "b", "c", "d"]))
    assert firsts.tolist() == [0, 0, 0, 3, 4]


@pytest.mark.parametrize("copies", [2, 3])  # small groups and large ones
def test_equal_images_stay_on_one_side(copies: int) -> None:
    """Each of 300 images is there several times, in any order."""
    firsts = np.random.default_rng(1).permutation(np.repeat(np.arange(300), copies))
    labels, groups = LABELS[firsts], find_first(firsts)
    fold = assign_folds(labels, groups, folds=5, seed=42)
    assert all(len(set(fold[firsts == first])) == 1 for first in range(300))
    train, validation = split(labels, groups, fraction=0.2, seed=42)
    assert not {*firsts[train]} & {*firsts[validation]}
    assert sorted([*train, *validation]) == list(range(300 * copies))
    assert np.abs(np.bincount(labels[validation]) / np.bincount(labels) - 0.2).max() < 0.06


@pytest.mark.parametrize("fraction", [0.003, 0.2, 0.9])
def test_few_groups_are_divided_or_refused_in_one_line(fraction: float) -> None:
    """Four people wrote ten of each digit; one of them is to validate, or two."""
    labels, groups = np.tile(np.arange(10, dtype=np.uint8), 40), np.repeat(range(0, 400, 100), 100)
    with suppress(InputError):
        _, rows = split(labels, groups, fraction=fraction, seed=1)
        assert len(rows) in (100, 200)


def test_a_digit_with_too_few_rows_is_named() -> None:
    one, rows = (np.arange(len(with_few_sevens(count))) for count in (1, 4))
    with pytest.raises(InputError, match=r"class 7 has 1 image.* at least 2,"):
        check_counts(with_few_sevens(1), one, DIGITS.classes, 2)
    with pytest.raises(InputError, match=r"class 7 has 1 different image.* or group.* at least 2,"):
        check_counts(with_few_sevens(4), rows.clip(0, rows[-4]), DIGITS.classes, 2)
    with pytest.raises(InputError, match=r"class 7 has no training row .* another split\.seed"):
        check_part(with_few_sevens(0), DIGITS.classes)


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_a_part_smaller_than_ten_rows_is_rejected(fraction: float) -> None:
    with pytest.raises(InputError, match=f"split.validation_fraction: {fraction}: The t.* = 1 sh"):
        split(LABELS, ALONE, fraction=fraction, seed=42)
