"""The whole pipeline, in a fresh copy: the committed bytes, and no stage too many."""

import json
import os
import platform
import shutil
import sys

import pandas as pd
import pytest

from tests.support.clone import ALL, ROOT, Clone, ran

pytestmark = pytest.mark.slow

# Other processors compute other last bits; see docs/reproducibility.md.
SAME_BYTES = platform.machine() in ("x86_64", "AMD64")


@pytest.mark.skipif(not SAME_BYTES, reason="bytes are promised for x86-64 processors")
def test_a_fresh_clone_gives_the_committed_bytes(reproduced: Clone) -> None:
    """Of what is trained on; docs/reproducibility.md runs all stages again, and verifies."""
    assert reproduced.changes() == ""
    assert reproduced.dvc("status") == "Data and pipelines are up to date.\n"
    assert "Data and pipelines are up to date." in reproduced.dvc("repro")


@pytest.mark.skipif(not shutil.which("qemu-x86_64"), reason="qemu-x86_64 not installed")
def test_an_emulated_processor_of_2013_gives_the_same_bytes(clone: Clone) -> None:
    shim = clone.folder / "shim" / "python"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec qemu-x86_64 -cpu Haswell "{sys.executable}" "$@"\n')
    shim.chmod(0o755)
    path = f"PATH={shim.parent}{os.pathsep}{os.environ['PATH']}"
    stages = ("train", "evaluate", "predict", "report")
    command = ("env", path, sys.executable, "-m", "dvc", "repro", "--single-item", "--force")
    assert "qemu" in clone.run(*command, *stages)
    assert clone.changes() == "?? shim/\n"


def test_the_committed_score_is_good_and_honest(reproduced: Clone) -> None:
    committed = json.loads((ROOT / "metrics" / "evaluate.json").read_text())
    scores = reproduced.metrics()
    assert scores == pytest.approx(committed, abs=0.01)
    assert scores["accuracy"] > 0.91
    assert scores["accuracy_low"] < scores["accuracy"] < scores["accuracy_high"]


@pytest.mark.parametrize(
    ("key", "value", "stages"),
    [
        ("evaluate.calibration_bins", 10, ["check", "evaluate", "report", "record"]),
        ("models.svm.cost", 20, ["check"]),  # not the classifier in use
    ],
)
def test_a_parameter_reruns_only_what_it_affects(
    clone: Clone, key: str, value: object, stages: list[str]
) -> None:
    clone.set(key, value)
    assert ran(clone.dvc("repro", "--no-run-cache")) == stages


def test_a_changed_docstring_does_not_retrain(clone: Clone) -> None:
    for path, stages in (("stages/reporting/text.py", ["report"]), ("tools/repair.py", [])):
        file = clone.folder / path
        file.write_text(file.read_text().replace('"""', '"""In other words: ', 1))
        assert ran(clone.dvc("repro")) == stages


def test_a_training_seen_before_is_not_repeated(clone: Clone) -> None:
    """And a parameter that is out of range loses nothing."""
    later = ALL[ALL.index("split") :]
    clone.set("split.seed", 7)
    assert ran(clone.dvc("repro")) == ["check", *later]
    clone.set("models.mlp.epochs", "many")
    printed = clone.dvc("repro", status=255)
    assert "error: params.yaml: models.mlp.epochs: Input should be a valid integer" in printed
    assert "Traceback" not in printed
    clone.run("git", "checkout", "--quiet", "params.yaml")
    printed = clone.dvc("repro")
    assert "Stage 'train' is cached - skipping run, checking out outputs" in printed
    assert ran(printed) == ["check", *later[2:]]
    assert clone.metrics() == json.loads((ROOT / "metrics" / "evaluate.json").read_text())


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
