"""Train: the same bytes for the same seed, and only the library that the classifier needs."""

import os
import subprocess
import sys

import pytest

from tests.conftest import Run
from tests.support.clone import ROOT

pytestmark = pytest.mark.slow

MODELS = ("svm", "knn", "mlp", "cnn")

TRAIN = """
import hashlib, sys, tempfile
from pathlib import Path
from stages.formats.prepared import to_images
from tests.support.samples import mnist
from tests.training.conftest import create_small

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


CREATE = """
import sys
from tests.training.conftest import create_small
create_small(sys.argv[1])
print(*sorted({"tensorflow", "sklearn"} & set(sys.modules)))
"""


@pytest.mark.parametrize(("model", "library"), [("cnn", "tensorflow"), ("svm", "sklearn")])
def test_a_classifier_imports_its_own_library_only(
    run_python: Run, model: str, library: str
) -> None:
    assert run_python("-c", CREATE, model).stdout.split() == [library]
