"""The whole pipeline, in a fresh copy of what git tracks: no cache, no remote, no run cache."""

import ast
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.conftest import ROOT

# On other processors floating point differs in the last bits; see the README.
SAME_BYTES = platform.machine() in ("x86_64", "AMD64")
ALL = ["preprocess", "split", "train", "evaluate", "predict"]


class Clone:
    """A repository of its own, with the files that git tracks here as they are now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The stages' `python` is the one that runs the tests.
        paths = (str(Path(sys.executable).parent), os.environ["PATH"])
        identity = {
            f"GIT_{role}_{what}": "test@example.org"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        self._env = os.environ | {"PATH": os.pathsep.join(paths)} | identity
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, names.split("\0")):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        self.run("git", "init", "--quiet")
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", "all")

    def run(self, *command: str, status: int = 0) -> str:
        """Runs a command to its end and returns what it printed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout
        return done.stdout

    def dvc(self, *arguments: str, status: int = 0) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments, status=status)

    def changes(self) -> str:
        return self.run("git", "status", "--porcelain")

    def set(self, key: str, value: object) -> None:
        """Changes one parameter, in the file."""
        path = self.folder / "params.yaml"
        params = yaml.safe_load(path.read_text())
        *sections, name = key.split(".")
        section = params
        for part in sections:
            section = section[part]
        section[name] = value
        path.write_text(yaml.safe_dump(params))

    def metrics(self) -> dict[str, float]:
        text = (self.folder / "metrics" / "evaluate.json").read_text()
        return dict(json.loads(text))


def ran(printed: str) -> list[str]:
    lines = [line for line in printed.splitlines() if line.startswith("Running stage")]
    return [line.split("'")[1] for line in lines]


@pytest.fixture(scope="module")
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
    stages = ("train", "evaluate", "predict")
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
        ("split.seed", 7, ["split", "train", "evaluate", "predict"]),
        ("train.seed", 7, ["train", "evaluate", "predict"]),
        ("models.mlp.epochs", 1, ["train", "evaluate", "predict"]),
        ("evaluate.calibration_bins", 10, ["evaluate"]),
        ("predict.digits_shown", 20, ["predict"]),
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


def test_a_bad_parameter_ends_a_stage_in_one_line(clone: Clone) -> None:
    clone.set("models.mlp.epochs", "many")
    printed = clone.dvc("repro", status=255)
    assert "error: params.yaml: models.mlp.epochs: Input should be a valid integer" in printed
    assert "Traceback" not in printed
    assert clone.changes() == " M params.yaml\n"
    assert (clone.folder / "data" / "model" / "manifest.json").exists()


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


def test_an_experiment_and_what_dvc_says_of_it(clone: Clone) -> None:
    clone.dvc("exp", "run", "--name", "slow", "-S", "models.mlp.learning_rate=1e-5")
    assert "1e-05" in (clone.folder / "params.yaml").read_text()
    assert clone.metrics()["accuracy"] < 0.9
    [row] = json.loads(clone.dvc("params", "diff", "--json"))["params.yaml"].items()
    assert row[0] == "models.mlp.learning_rate"
    assert "accuracy" in json.loads(clone.dvc("metrics", "diff", "--json"))["metrics/evaluate.json"]
    table = clone.dvc("exp", "show", "--csv")
    assert "slow" in table
    assert "accuracy" in table
    for diff in ((), ("diff", "HEAD")):
        command = diff or ("show",)
        clone.dvc("plots", *command, "--out", "dvc_plots")
        page = (clone.folder / "dvc_plots" / "index.html").read_text()
        assert "<img" in page
        assert "Confusion" in page
    clone.run("git", "reset", "--quiet", "--hard")
    clone.dvc("exp", "apply", "slow")
    assert clone.metrics()["accuracy"] < 0.9
    clone.dvc("exp", "remove", "slow")


def test_a_queue_of_experiments(clone: Clone) -> None:
    for epochs in (1, 2):
        clone.dvc(
            "exp", "run", "--queue", "--name", f"e{epochs}", "-S", f"models.mlp.epochs={epochs}"
        )
    clone.dvc("queue", "start", "--jobs", "2")
    for name in ("e1", "e2"):
        clone.dvc("queue", "logs", "--follow", name)
    found = json.loads(clone.dvc("exp", "show", "--json"))
    rows = {row["name"]: row["data"] for base in found for row in exps(base)}
    assert {
        name: row["params"]["params.yaml"]["data"]["models"]["mlp"]["epochs"]
        for name, row in rows.items()
    } == {"e1": 1, "e2": 2}
    scores = [row["metrics"]["metrics/evaluate.json"]["data"]["accuracy"] for row in rows.values()]
    assert len(set(scores)) == 2
    assert clone.changes() == ""


def test_all_classifiers_in_one_queue(clone: Clone) -> None:
    """One parameter apart, and all that follows is the same for each."""
    queue = ("exp", "run", "--queue", "-S", "train.model=mlp,cnn,svm,knn")
    quick = ("-S", "models.cnn.members=1", "-S", "models.cnn.epochs=5")
    clone.dvc(*queue, *quick, "-S", "train.seed=1")
    clone.dvc("exp", "run", "--run-all")
    found = json.loads(clone.dvc("exp", "show", "--json"))
    rows = {}
    for row in (row for base in found for row in exps(base)):
        params = row["data"]["params"]["params.yaml"]["data"]
        rows[params["train"]["model"]] = row
        scores = row["data"]["metrics"]["metrics/evaluate.json"]["data"]
        assert scores["accuracy"] > 0.9
        assert scores["log_loss"] < 0.5
    assert sorted(rows) == ["cnn", "knn", "mlp", "svm"]
    league = clone.run(sys.executable, "-m", "benchmarks.league").splitlines()
    assert sorted(line.split()[0].rstrip(",") for line in league[1:]) == sorted(rows)
    assert next(line for line in league if line.startswith("mlp")).split()[1] == "2"
    for model, family in (("knn", "neighbours"), ("svm", "support_vectors"), ("cnn", "network")):
        clone.dvc("exp", "apply", rows[model]["name"])
        manifest = json.loads((clone.folder / "data" / "model" / "manifest.json").read_text())
        assert (manifest["model"], manifest["family"]) == (model, family)
        assert clone.metrics() == rows[model]["data"]["metrics"]["metrics/evaluate.json"]["data"]
        assert " M data/submission.csv" in clone.changes()


def exps(base: dict) -> Iterator[dict]:  # type: ignore[type-arg]
    """The experiments that `dvc exp show --json` lists below a commit."""
    for experiment in base.get("experiments") or ():
        yield from experiment["revs"]


def imported(module: str) -> set[str]:
    """The modules of `stages` that a module reaches, itself among them."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / "stages" / f"{module}.py").read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "stages":
                found |= {alias.name for alias in node.names}
            elif node.module.startswith("stages."):
                found.add(node.module.removeprefix("stages."))
    return {module}.union(*(imported(name) for name in found))


STAGES = {
    name: stage
    for path in ("dvc.yaml", "data/dvc.yaml")
    for name, stage in yaml.safe_load((ROOT / path).read_text())["stages"].items()
}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_every_module_it_reaches(name: str) -> None:
    listed = {path for path in STAGES[name]["deps"] if path.startswith("stages/")}
    module = STAGES[name]["cmd"].removeprefix("python -m stages.")
    assert listed == {f"stages/{found}.py" for found in imported(module) | {"__init__"}}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_says_what_it_does(name: str) -> None:
    assert len(STAGES[name]["desc"]) > 20


@pytest.mark.skipif("DIGIT_RECOGNIZER_ZIP" not in os.environ, reason="DIGIT_RECOGNIZER_ZIP not set")
def test_the_competition_data(clone: Clone) -> None:
    shutil.copy(os.environ["DIGIT_RECOGNIZER_ZIP"], clone.folder / "data" / "digit-recognizer.zip")
    clone.dvc("add", "data/digit-recognizer.zip")
    clone.dvc("exp", "run", "-S", "data.source=kaggle")
    assert clone.metrics()["accuracy"] > 0.955
    table = pd.read_csv(clone.folder / "data" / "submission.csv")
    assert table["ImageId"].tolist() == list(range(1, 28_001))
    assert table["Label"].value_counts(normalize=True).between(0.08, 0.12).all()
