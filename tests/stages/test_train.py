"""Train: the same bytes for the same seed; a sample of the rows; a device that is not there."""

import os

import numpy as np
import pytest

from stages.harness.errors import InputError
from stages.training.classical import check_train
from stages.training.rows import sample
from tests.support.clone import run_python
from tests.support.small import small_params

TRAIN = """
import hashlib, tempfile
from pathlib import Path
from stages.formats.prepared import to_images
from tests.support.samples import mnist
from tests.support.small import create_small

pixels, labels = mnist()
images = to_images(pixels[:300])
network = {"epochs": 1}
changes = {"svm": {}, "knn": {}, "mlp": network, "cnn": network | {"members": 2}}
for model, changed in changes.items():
    classifier = create_small(model, **changed)
    classifier.fit(images[:200], labels[:200], (images[200:], labels[200:300]))
    with tempfile.TemporaryDirectory() as folder:
        classifier.save(Path(folder))
        for path in sorted(Path(folder).iterdir()):
            print("file", model, path.name, hashlib.sha256(path.read_bytes()).hexdigest())
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux only")
def test_the_same_seed_gives_the_same_bytes() -> None:
    """Also on one core, where libraries start fewer threads."""
    available, printed = os.sched_getaffinity(0), []
    for cores in (1, 2):
        os.sched_setaffinity(0, sorted(available)[:cores])
        try:
            printed.append(run_python(TRAIN).stdout.splitlines())
        finally:
            os.sched_setaffinity(0, available)
    first, again = ([line for line in lines if line.startswith("file")] for lines in printed)
    assert {line.split()[1] for line in first} == {"svm", "knn", "mlp", "cnn"}
    assert again == first


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
