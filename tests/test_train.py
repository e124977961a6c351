"""Train: each classifier from its parameters, the same bytes each time."""

import os
import subprocess
import sys

import pytest

from tests.clone import ROOT
from tests.conftest import Run

MODELS = ["mlp", "cnn", "svm", "knn"]

TRAIN = """
import hashlib, sys, tempfile
from pathlib import Path
from sklearn.datasets import load_digits
from stages.fetch_digits import enlarge
from stages.params import read_params
from stages.preprocess import to_images
from stages.train import create

model, seed = sys.argv[1], int(sys.argv[2])
params = read_params()
chosen = params.train.model_copy(update={"model": model, "seed": seed})
digits = load_digits()
images, labels = to_images(enlarge(digits.images[:600])), digits.target[:600].astype("uint8")
classifier = create(params.model_copy(update={"train": chosen}))
classifier.fit(images[:400], labels[:400], (images[400:], labels[400:]))
with tempfile.TemporaryDirectory() as folder:
    classifier.save(Path(folder))
    for path in sorted(Path(folder).iterdir()):
        print("file", path.name, hashlib.sha256(path.read_bytes()).hexdigest())
"""


def trained(model: str, seed: int, cores: set[int] | None = None) -> str:
    """Trains in a process of its own, on these cores; returns the digest of each file."""
    kept = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores or kept)
    try:
        return _trained(model, seed)
    finally:
        os.sched_setaffinity(0, kept)


def _trained(model: str, seed: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, model, str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith("file"))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="not on this system")
@pytest.mark.parametrize("model", MODELS)
def test_the_same_seed_gives_the_same_bytes(model: str) -> None:
    """Also on one core, where the libraries would start fewer threads."""
    first = trained(model, 1)
    assert first.count("file") >= 2
    assert trained(model, 1, {min(os.sched_getaffinity(0))}) == first


CREATE = """
import sys
from stages.params import read_params
from stages.train import create
params = read_params()
chosen = params.train.model_copy(update={"model": sys.argv[1]})
create(params.model_copy(update={"train": chosen}))
print(*sorted({"tensorflow", "sklearn"} & set(sys.modules)))
"""


@pytest.mark.parametrize("model", MODELS)
def test_a_classifier_imports_its_own_library_only(run_python: Run, model: str) -> None:
    expected = "tensorflow" if model in ("mlp", "cnn") else "sklearn"
    assert run_python("-c", CREATE, model).stdout.split() == [expected]
