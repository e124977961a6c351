"""The split: a partition, in proportion, the same each time."""

import math

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from stages.harness.errors import InputError
from stages.split import split

LABELS = np.random.default_rng(0).integers(0, 10, 1000).astype(np.uint8)


@pytest.mark.parametrize("fraction", [0.05, 0.2, 0.5, 0.9])
def test_no_row_is_lost_or_in_both_parts(fraction: float) -> None:
    train, validation = split(LABELS, validation_fraction=fraction, seed=42)
    assert sorted([*train, *validation]) == list(range(1000))
    assert len(validation) == round(1000 * fraction)


@pytest.mark.parametrize("size", [997, 4200])
@pytest.mark.parametrize("fraction", [0.05, 0.2, 1 / 3, 0.9])
def test_the_parts_are_those_of_scikit_learn(size: int, fraction: float) -> None:
    for seed in range(6):
        # With equal counts, chance decides which class gets a row more.
        drawn = np.random.default_rng(seed).integers(0, 10, size)
        labels = (np.arange(size) % 10 if seed % 2 else drawn).astype(np.uint8)
        expected = train_test_split(
            np.arange(size),
            test_size=math.ceil(size * fraction),
            stratify=labels,
            random_state=seed,
        )
        for part, other in zip(
            split(labels, validation_fraction=fraction, seed=seed), expected, strict=True
        ):
            np.testing.assert_array_equal(part, np.sort(other))


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


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_a_part_smaller_than_ten_rows_is_refused(fraction: float) -> None:
    with pytest.raises(InputError, match=f"split.validation_fraction: {fraction} of 1000 rows is"):
        split(LABELS, validation_fraction=fraction, seed=42)
