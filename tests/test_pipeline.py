"""The whole pipeline, in a fresh copy: the committed bytes, and no stage too many."""

import json
import os
import platform
import shutil
import sys

import pandas as pd
import pytest

from tests.clone import ALL, ROOT, Clone, ran

# On other processors floating point differs in the last bits; see the README.
SAME_BYTES = platform.machine() in ("x86_64", "AMD64")


@pytest.mark.skipif(not SAME_BYTES, reason="bytes are promised for x86-64 processors")
def test_a_fresh_clone_gives_the_committed_bytes(clone: Clone) -> None:
    assert clone.changes() == ""
    assert ran(clone.dvc("repro", "--force")) == ["data/dvc.yaml:digits", *ALL]
    assert clone.changes() == ""
    again = clone.dvc("repro")
    assert "Running stage" not in again
    assert "up to date" in again


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


def test_the_committed_score_is_good_and_honest(clone: Clone) -> None:
    committed = json.loads((ROOT / "metrics" / "evaluate.json").read_text())
    found = clone.metrics()
    assert found == pytest.approx(committed, abs=0.01)
    assert found["accuracy"] > 0.93
    assert found["accuracy_low"] < found["accuracy"] < found["accuracy_high"]


@pytest.mark.parametrize(
    ("key", "value", "stages"),
    [
        ("split.seed", 7, ["split", "train", "evaluate", "predict", "report", "record"]),
        ("train.seed", 7, ["train", "evaluate", "predict", "report", "record"]),
        ("evaluate.calibration_bins", 10, ["evaluate", "report", "record"]),
        ("report.digits_shown", 20, ["report"]),
        ("models.svm.cost", 20, []),  # not the classifier in use
    ],
)
def test_a_parameter_reruns_only_what_it_affects(
    clone: Clone, key: str, value: object, stages: list[str]
) -> None:
    clone.set(key, value)
    assert ran(clone.dvc("repro", "--no-run-cache")) == stages


def test_a_folder_of_ones_own_is_a_source(clone: Clone) -> None:
    mine = clone.folder / "data" / "mine"
    mine.mkdir()
    for name, rows in (("train.csv", 301), ("test.csv", 41)):
        lines = (clone.folder / "data" / "digits" / name).read_text().splitlines(keepends=True)
        (mine / name).write_text("".join(lines[:rows]))
    clone.dvc("add", "data/mine")
    printed = clone.dvc("exp", "run", "-S", "data.source=mine", "-S", "models.mlp.epochs=1")
    assert [stage for stage in ran(printed) if "mine" not in stage] == ALL
    assert len(pd.read_csv(clone.folder / "data" / "submission.csv")) == 40


def test_a_training_seen_before_is_not_repeated(clone: Clone) -> None:
    """And a parameter that is out of range loses nothing."""
    clone.set("models.mlp.epochs", 3)
    assert ran(clone.dvc("repro")) == ["train", "evaluate", "predict", "report", "record"]
    clone.set("models.mlp.epochs", "many")
    printed = clone.dvc("repro", status=255)
    assert "error: params.yaml: models.mlp.epochs: Input should be a valid integer" in printed
    assert "Traceback" not in printed
    clone.run("git", "checkout", "--quiet", "params.yaml")
    printed = clone.dvc("repro")
    assert "Stage 'train' is cached - skipping run, checking out outputs" in printed
    assert ran(printed) == ["evaluate", "predict", "report", "record"]
    assert clone.metrics() == json.loads((ROOT / "metrics" / "evaluate.json").read_text())


def test_a_bad_source_ends_in_one_line_and_keeps_the_rest(clone: Clone) -> None:
    before = (clone.folder / "data" / "submission.csv").read_bytes()
    mine = clone.folder / "data" / "mine"
    mine.mkdir()
    (mine / "train.csv").write_text("label,pixel0\n1,2\n")
    (mine / "test.csv").write_text("pixel0\n2\n")
    clone.set("data.source", "mine")
    printed = clone.dvc("repro", status=255)
    assert "error: data/mine/train.csv line 1: 2 columns; expected 785 columns" in printed
    assert "Traceback" not in printed
    assert (clone.folder / "data" / "submission.csv").read_bytes() == before


@pytest.mark.skipif("DIGIT_RECOGNIZER_ZIP" not in os.environ, reason="DIGIT_RECOGNIZER_ZIP not set")
def test_the_competition_data(clone: Clone) -> None:
    shutil.copy(os.environ["DIGIT_RECOGNIZER_ZIP"], clone.folder / "data" / "digit-recognizer.zip")
    clone.dvc("add", "data/digit-recognizer.zip")
    clone.dvc("exp", "run", "-S", "data.source=kaggle")
    assert clone.metrics()["accuracy"] > 0.955
    table = pd.read_csv(clone.folder / "data" / "submission.csv")
    assert table["ImageId"].tolist() == list(range(1, 28_001))
    assert table["Label"].value_counts(normalize=True).between(0.08, 0.12).all()
