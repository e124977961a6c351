"""Train: a sample of the rows; what would take hours, and a device that is not there."""

import numpy as np
import pytest

from stages.harness.errors import InputError
from stages.training.classical import check_train
from stages.training.rows import sample
from tests.support.small import small_params


def test_a_sample_has_each_class_in_proportion() -> None:
    labels = np.repeat(np.arange(10, dtype=np.uint8), range(10, 110, 10))
    rows = np.flatnonzero(np.arange(len(labels)) % 11)
    drawn = sample(rows, labels, 100, seed=1)
    assert len(set(drawn.tolist()) & set(rows.tolist())) == 100
    assert (np.diff(drawn) > 0).all()
    expected = np.bincount(labels[rows]) * 100 / len(rows)
    assert np.abs(np.bincount(labels[drawn]) - expected).max() <= 1
    np.testing.assert_array_equal(sample(rows, labels, 100, seed=1), drawn)
    assert (sample(rows, labels, 100, seed=2) != drawn).any()
    assert sample(rows, labels, None, seed=1) is rows


@pytest.mark.parametrize("count", [9, 491])
def test_a_sample_that_cannot_be_drawn_is_refused(count: int) -> None:
    labels = np.arange(500, dtype=np.uint8) % 10
    with pytest.raises(InputError, match=f"^train.rows: cannot draw {count} of 500 "):
        sample(np.arange(500), labels, count, seed=1)


def test_svm_and_knn_refuse_what_would_take_hours_and_a_gpu() -> None:
    train = small_params("svm").train
    check_train("svm", train, 100_009)
    check_train("svm", small_params("svm", rows=200_000).train, 336_000)
    refusal = r"^train.model: svm would take long with 336,000 .*=100000"
    with pytest.raises(InputError, match=refusal):
        check_train("svm", train, 336_000)
    with pytest.raises(InputError, match=r"^train.device: gpu; expected cpu"):
        check_train("svm", small_params("svm", device="gpu").train, 100)
