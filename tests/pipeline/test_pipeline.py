"""The whole pipeline, in a fresh copy: the committed bytes, and no stage too many."""

import os
import shutil
import sys

import pandas as pd
import pytest

from tests.support.clone import SAME_BYTES, Clone, ran

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not SAME_BYTES, reason="bytes are promised for x86-64 processors")
def test_a_fresh_clone_gives_the_committed_bytes(reproduced: Clone) -> None:
    """Of what is trained on; docs/reproducibility.md runs all stages again, and verifies."""
    assert reproduced.changes() == ""
    assert reproduced.dvc("status") == "Data and pipelines are up to date.\n"


@pytest.mark.nightly
@pytest.mark.skipif(not shutil.which("qemu-x86_64"), reason="qemu-x86_64 not installed")
def test_an_emulated_processor_of_2013_gives_the_same_bytes(clone: Clone) -> None:
    shim = clone.folder / "shim" / "python"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec qemu-x86_64 -cpu Haswell "{sys.executable}" "$@"\n')
    shim.chmod(0o755)
    clone.env["PATH"] = f"{shim.parent}{os.pathsep}{clone.env['PATH']}"
    clone.dvc("repro", "--single-item", "--force", "train", "evaluate", "predict", "report")
    assert clone.changes() == "?? shim/\n"


def test_a_change_reruns_only_what_it_affects(clone: Clone) -> None:
    """Besides what docs/dvc.md shows."""
    for path, stages in (("stages/reporting/text.py", ["report"]), ("tools/cluster.py", [])):
        file = clone.folder / path
        file.write_text(file.read_text().replace('"""', '"""In other words: ', 1))
        assert ran(clone.dvc("repro")) == stages
    clone.set("models.svm.cost", 20)  # not the classifier in use
    assert ran(clone.dvc("repro")) == ["check"]
    clone.set("evaluate.calibration_bins", 10)
    assert ran(clone.dvc("repro")) == ["check", "evaluate", "report", "record"]


@pytest.mark.skipif("DIGIT_RECOGNIZER_ZIP" not in os.environ, reason="DIGIT_RECOGNIZER_ZIP not set")
def test_the_competition_data(clone: Clone) -> None:
    """What a newcomer to the competition does: copy, add, run."""
    shutil.copy(os.environ["DIGIT_RECOGNIZER_ZIP"], clone.folder / "data" / "sources" / "kaggle")
    clone.dvc("add", "data/sources/kaggle/digit-recognizer.zip")
    clone.dvc("exp", "run", "-S", "data.source=kaggle")
    assert clone.metrics()["accuracy"] > 0.955
    table = pd.read_csv(clone.folder / "data" / "submission.csv")
    assert table["ImageId"].tolist() == list(range(1, 28_001))
    assert table["Label"].value_counts(normalize=True).between(0.08, 0.12).all()


def test_pictures_in_the_same_repository(clone: Clone) -> None:
    """docs/adapt.md shows the rest."""
    clone.run(sys.executable, "-m", "tests.support.tiles", "data/sources/tiles")
    run = ("exp", "run", "-S", "data.source=tiles")
    assert "neither git nor DVC tracks it" in clone.dvc(*run, "--temp", status=255)
    clone.dvc(*run, "--name", "tiles")
    assert clone.metrics()["accuracy"] > 0.9
    table = pd.read_csv(clone.folder / "data" / "submission.csv")
    assert table.iloc[0].tolist() == ["test/004.png", "water"]
    shutil.rmtree(clone.folder / "data" / "raw")
    clone.dvc("checkout", "data/raw")
    assert "up to date" in clone.dvc("status")
    assert "tiles" in clone.dvc("exp", "diff", "main", "tiles")
