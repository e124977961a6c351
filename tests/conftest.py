"""Small real digits, and folders laid out as the stages expect them."""

import fcntl
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from stages.formats.prepared import to_images
from stages.formats.task import DIGITS, write_task
from stages.harness import paths
from stages.parallel.tasks import VARIABLE
from tests.support.browser import CHROMIUM
from tests.support.clone import ROOT, Clone, ran
from tests.support.samples import CURVE, Pixels, mnist, save_array, save_model, write_raw
from tests.support.small import Data, create_small
from tests.support.workplace import Workplace

settings.register_profile("untimed", deadline=None)  # the machine may be busy
settings.load_profile("untimed")
os.environ.pop(VARIABLE, None)  # no test but those of the cluster sends work elsewhere


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For `pytest --dist loadgroup`: slow tests first; only tests in a copy leave their module."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        if "reproduced" not in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def digits() -> tuple[Pixels, Pixels]:
    """400 of MNIST's digits: pixels (400, 784) and labels (400,)."""
    pixels, labels = mnist()
    return pixels[:400], labels[:400]


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the project's params.yaml, of the default source, and nothing else."""
    text = (ROOT / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(re.sub(r"source: \w+", "source: mnist_5k", text, count=1))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["stage"])  # `train` reads its arguments
    return tmp_path


@pytest.fixture
def place(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    return Workplace(in_tmp, capsys)


@pytest.fixture
def source(in_tmp: Path, digits: tuple[Pixels, Pixels]) -> Path:
    """The folder data/raw with 60 labelled and 20 unlabelled digits."""
    folder = in_tmp / "data" / "raw"
    folder.mkdir(parents=True)
    pixels, labels = digits
    write_task(folder, DIGITS)
    write_raw((pixels[:60], labels[:60]), pixels[60:80])
    return folder


@pytest.fixture
def with_classifier(place: Workplace) -> Workplace:
    """A folder where `predict` and `evaluate` can run, with a support vector machine."""
    for folder in (paths.PREPARED, paths.MODEL):
        folder.mkdir(parents=True)
    write_task(paths.PREPARED, DIGITS)
    images = np.random.default_rng(0).random((30, 28, 28, 1), np.float32)
    for path in (paths.TRAIN_IMAGES, paths.TEST_IMAGES):
        save_array(path, images)
    save_array(paths.TRAIN_LABELS, np.arange(30, dtype=np.uint8) % 10)
    save_array(paths.TRAIN_ROWS, np.arange(20))
    save_array(paths.VALIDATION_ROWS, np.arange(20, 30))
    names = "epoch,train_loss,validation_loss,train_accuracy,validation_accuracy"
    CURVE.write_text(f"{names}\n1,0.5,0.5,0.9,0.9\n")
    save_model()
    return place


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A fresh copy after its first `dvc repro`; the workers of pytest-xdist share it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "reproduced").exists():
            clone = Clone.of_project(tmp_path_factory.mktemp("clone"))
            # Git tracks what evaluate and predict write, so it is there already, and up to date.
            assert ran(clone.dvc("repro")) == ["fetch", "preprocess", "split", "train"]
            clone.folder.rename(folder / "reproduced")
    return Clone(folder / "reproduced")


@pytest.fixture
def clone(reproduced: Clone, tmp_path: Path) -> Iterator[Clone]:
    """A copy of it, for one test to change."""
    clone = reproduced.copied(tmp_path / "clone")
    yield clone
    shutil.rmtree(clone.folder)  # 100 MB


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders `mlp` and `cnn`, each a small untrained network as `train` saves it."""
    from stages.classifiers.saved import save_classifier

    cnn: dict[str, Any] = {"filters": [2, 2, 2], "members": 2, "views": 3}
    folder = tmp_path_factory.mktemp("networks")
    for name, changed in {"mlp": {"hidden_units": [2]}, "cnn": cnn}.items():
        save_classifier(create_small(name, **changed), name, folder / name)
    return folder


@pytest.fixture(scope="session")
def parts(digits: tuple[Pixels, Pixels]) -> tuple[Data, Data]:
    """200 digits to train on and 200 to score."""
    images, labels = to_images(digits[0]), digits[1]
    return (images[:200], labels[:200]), (images[200:], labels[200:])
