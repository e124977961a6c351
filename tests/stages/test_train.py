"""Train: the same bytes for the same seed; a sample of the rows; a device that is not there."""

import os
import subprocess
import sys

import numpy as np
import pytest

from stages.harness.errors import InputError
from stages.training.classical import check_train
from stages.training.rows import sample
from tests.conftest import Run
from tests.support.clone import ROOT
from tests.support.small import small_params
from tests.support.workplace import check_refusal

pytestmark = pytest.mark.slow

MODELS = ("svm", "knn", "mlp", "cnn")

TRAIN = """
import hashlib, sys, tempfile
from pathlib import Path
from stages.formats.prepared import to_images
from tests.support.samples import mnist
from tests.support.small import create_small

pixels, labels = mnist()
images = to_images(pixels[:600])
for model in sys.argv[2:]:
    changed = {"epochs": 2, "threads": int(sys.argv[1])} if model in ("mlp", "cnn") else {}
    changed |= {"members": 2} if model == "cnn" else {}
    classifier = create_small(model, **changed)
    classifier.fit(images[:400], labels[:400], (images[400:], labels[400:600]))
    with tempfile.TemporaryDirectory() as folder:
        classifier.save(Path(folder))
        for path in sorted(Path(folder).iterdir()):
            print("file", model, path.name, hashlib.sha256(path.read_bytes()).hexdigest())
"""


def train(*models: str, threads: int, cores: int) -> list[list[str]]:
    """Trains in another process on so many cores; returns the model, name and hash of each file."""
    available = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(available)[:cores])
    try:
        command = [sys.executable, "-c", TRAIN, str(threads), *models]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    finally:
        os.sched_setaffinity(0, available)
    return [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("file")]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux only")
def test_the_same_seed_gives_the_same_bytes() -> None:
    """Also on one core, where libraries start fewer threads."""
    first, again = (train(*MODELS, threads=2, cores=cores) for cores in (1, 2))
    assert {model for model, *_ in first} == set(MODELS)
    assert again == first
    # For mlp, any number of threads gives the same bytes.
    assert train("mlp", threads=1, cores=2) == [file for file in first if file[0] == "mlp"]


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


def test_svm_and_knn_refuse_what_would_take_hours() -> None:
    train = small_params("svm").train
    check_train("svm", train, 100_009)
    check_train("svm", small_params("svm", rows=200_000).train, 336_000)
    refusal = r"^train.model: svm would take long with 336,000 .*=100000"
    with pytest.raises(InputError, match=refusal):
        check_train("svm", train, 336_000)
    with pytest.raises(InputError, match=r"^train.device: gpu; expected cpu"):
        check_train("svm", small_params("svm", device="gpu").train, 100)


def test_a_gpu_that_is_not_there_is_refused(run_python: Run) -> None:
    code = (
        "from tests.support.small import create_small\nfrom stages.harness.errors import run\n"
        "run(lambda: create_small('cnn', device='gpu'))"
    )
    done = run_python("-c", code)
    check_refusal(done.returncode, done.stderr, "train.device: gpu", "cpu")
