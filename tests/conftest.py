"""Small real digits, and folders laid out as the stages expect them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.datasets import load_digits

from stages.dataset import write_csv
from stages.fetch_digits import enlarge
from tests.clone import ALL, ROOT, Clone, ran

Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="session")
def digits() -> tuple[Pixels, Pixels]:
    """The first 400 of scikit-learn's digits: pixels (400, 784) and labels (400,)."""
    data = load_digits()
    return enlarge(data.images[:400]), data.target[:400].astype(np.uint8)


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the project's params.yaml and nothing else."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def source(in_tmp: Path, digits: tuple[Pixels, Pixels]) -> Path:
    """The folder data/digits with 60 labelled and 20 unlabelled digits."""
    folder = in_tmp / "data" / "digits"
    folder.mkdir(parents=True)
    pixels, labels = digits
    write_csv(folder / "train.csv", pixels[:60], labels[:60])
    write_csv(folder / "test.csv", pixels[60:80])
    return folder


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run_python() -> Run:
    """Runs this Python with arguments and the project on its path."""

    def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A fresh copy after its first `dvc repro`."""
    clone = Clone(tmp_path_factory.mktemp("clone"))
    # What evaluate and predict write is tracked by git, so it is there already, and up to date.
    assert ran(clone.dvc("repro")) == ["data/dvc.yaml:digits", *ALL[:3]]
    return clone


@pytest.fixture
def clone(reproduced: Clone) -> Iterator[Clone]:
    """The same, with everything as committed before and after."""
    yield reproduced
    reproduced.run("git", "reset", "--quiet", "--hard")
    reproduced.run("git", "clean", "--quiet", "--force", "-d")
    reproduced.dvc("checkout", "--quiet")
    for name in reproduced.dvc("exp", "list", "--name-only").split():
        reproduced.dvc("exp", "remove", name)
