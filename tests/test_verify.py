"""Verifying: what is planted is caught, and nothing of the user's is touched."""

import json
import sys
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clone import Clone
from verify.compare import Lock, changes, compare, other_versions

METRICS, SUBMISSION = "metrics/evaluate.json", "data/submission.csv"


def digest(content: bytes) -> str:
    return md5(content).hexdigest()


def numbers(**values: float) -> bytes:
    return json.dumps(values).encode()


def submission(*labels: int) -> bytes:
    rows = "".join(f"{i},{label}\n" for i, label in enumerate(labels, 1))
    return f"ImageId,Label\n{rows}".encode()


class Runs:
    """Two runs of a small pipeline: what the lock files say, and what git tracks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.committed = {METRICS: numbers(accuracy=0.95), SUBMISSION: submission(*[1] * 99)}
        for path in self.committed:
            (folder / path).parent.mkdir(exist_ok=True)
        self.before = self.lock({"data/split": "a", "data/model": "b", **self.committed})
        self.made: dict[str, Any] = {"data/split": "a", "data/model": "b", **self.committed}

    @staticmethod
    def lock(outs: dict[str, Any]) -> Lock:
        """Lock files whose outputs are of these bytes, or of this digest."""
        stages = {"data/split": "split", "data/model": "train", METRICS: "evaluate"}
        lock: Lock = {}
        for path, found in outs.items():
            value = digest(found) if isinstance(found, bytes) else found
            code = {"path": "stages/train.py", "md5": "c"}
            entry = {"cmd": "run", "deps": [code], "outs": [{"path": path, "md5": value}]}
            lock[stages.get(path, "predict")] = entry
        return lock

    def compare(self, *, tolerant: bool = False) -> dict[str, tuple[str, str]]:
        for path in self.committed:
            (self.folder / path).write_bytes(self.made[path])
        after = self.lock(self.made)
        found = compare(self.before, after, self.committed, self.folder, tolerant=tolerant)
        return {one.path: (one.verdict, one.how) for one in found}


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_the_same_bytes_are_identical(runs: Runs) -> None:
    assert set(runs.compare().values()) == {("identical", "")}


def test_other_bytes_are_different_and_how(runs: Runs) -> None:
    runs.made |= {"data/model": "z", METRICS: numbers(accuracy=0.94, log_loss=1)}
    runs.made |= {SUBMISSION: submission(2, *[1] * 98)}
    assert runs.compare() == {
        "data/split": ("identical", ""),
        "data/model": ("different", "MD5 z, recorded b"),
        METRICS: ("different", "accuracy 0.94, recorded 0.95; log_loss 1, recorded None"),
        SUBMISSION: ("different", "1 of 100 lines"),
    }


def test_a_little_is_equal_on_another_kind_of_computer(runs: Runs) -> None:
    runs.made |= {"data/model": "z", METRICS: numbers(accuracy=0.941)}
    runs.made |= {SUBMISSION: submission(2, 2, 2, *[1] * 96)}
    found = runs.compare(tolerant=True)
    assert [verdict for verdict, _ in found.values()] == ["identical", *["equal"] * 3]
    assert {verdict for verdict, _ in runs.compare().values()} == {"identical", "different"}


@pytest.mark.parametrize(
    "made",
    [
        {METRICS: numbers(accuracy=0.939)},
        {METRICS: numbers(accuracy=0.95, more=0)},
        {METRICS: b'{"accuracy": "0.95"}'},
        {METRICS: b"what"},
        {SUBMISSION: submission(2, 2, 2, 2, *[1] * 95)},
        {SUBMISSION: submission(*[1] * 90)},
        {"data/split": "z"},
    ],
)
def test_more_is_different_there_too(runs: Runs, made: dict[str, Any]) -> None:
    runs.made |= {"data/model": "z", **made}
    assert runs.compare(tolerant=True)["data/model"][0] == "different"


def test_an_edited_file_is_different_there_too(runs: Runs) -> None:
    runs.committed[METRICS] = numbers(accuracy=0.955)
    for tolerant in (False, True):
        verdict, how = runs.compare(tolerant=tolerant)[METRICS]
        assert verdict == "different"
        assert "not the one in dvc.lock: accuracy 0.95, recorded 0.955" in how


def test_what_was_never_recorded_is_different(runs: Runs) -> None:
    runs.before.pop("predict")
    expected = ("different", "not in dvc.lock: run dvc repro and commit")
    assert runs.compare(tolerant=True)[SUBMISSION] == expected


def test_changed_causes_are_named(runs: Runs) -> None:
    after = runs.lock(runs.made)
    assert list(changes(runs.before, after)) == []
    after["train"]["params"] = {"params.yaml": {"train": {"seed": 7}}}
    runs.before["train"]["params"] = {"params.yaml": {"train": {"seed": 42}}}
    after["train"]["deps"] = [{"path": "stages/train.py", "md5": "d"}]
    after["split"]["cmd"] = "other"
    assert sorted(changes(runs.before, after)) == [
        "split: command is other, recorded run",
        "train: stages/train.py is d, recorded c",
        "train: train.seed is 7, recorded 42",
    ]


def test_other_versions_are_named(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(
        "# comment\npyyaml==1.0\n    # via x\n\npytest>=1 ; python_version > '3'\n"
        "nosuchpackage==2\nnosuchother==2 ; sys_platform == 'none'\n"
    )
    [first, second] = other_versions(path)
    assert first.startswith("pyyaml: ")
    assert first.endswith("installed, pinned ==1.0")
    assert second == "nosuchpackage: not installed, pinned ==2"


def verify(clone: Clone, *arguments: str, status: int) -> Any:
    """Runs it in a copy; returns what it prints, which may be JSON."""
    printed = clone.run(sys.executable, "-m", "verify", *arguments, status=status)
    text = "".join(line for line in printed.splitlines(True) if not line.startswith("Running"))
    return json.loads(text) if "--json" in arguments else text


def everything(clone: Clone) -> dict[str, tuple[int, int]]:
    """Each file of the copy, those of git and DVC among them, with its size and its time."""
    paths = {
        path: path.stat() for path in clone.folder.rglob("*") if "__pycache__" not in str(path)
    }
    return {str(path): (found.st_size, found.st_mtime_ns) for path, found in paths.items()}


def test_an_experiment_is_reproduced_and_nothing_is_touched(clone: Clone) -> None:
    clone.dvc("exp", "run", "--name", "short", "-S", "models.mlp.epochs=1")
    clone.run("git", "reset", "--quiet", "--hard")
    clone.dvc("checkout", "--quiet")
    before = everything(clone)
    found = verify(clone, "short", "--json", status=0)
    assert everything(clone) == before
    assert found["reproduced"] is True
    assert found["changed"] == []
    assert {one["verdict"] for one in found["outputs"]} == {"identical"}
    assert {"data/digits", "data/prepared", "data/split", "data/model", METRICS, SUBMISSION} < {
        one["path"] for one in found["outputs"]
    }
    assert found["recorded"]["python"]
    assert found["here"]["packages"]["tensorflow"]


def test_what_is_planted_is_caught(clone: Clone, tmp_path: Path) -> None:
    """An edited submission, an edited metric that dvc.lock is made to agree with, a version."""
    path = clone.folder / SUBMISSION
    path.write_text(path.read_text().replace("\n7,", "\n7,9", 1))
    metrics, lock = clone.folder / METRICS, clone.folder / "dvc.lock"
    old = metrics.read_bytes()
    metrics.write_bytes(old.replace(b'"accuracy": 0.9', b'"accuracy": 0.8', 1))
    lock.write_text(lock.read_text().replace(digest(old), digest(metrics.read_bytes())))
    clone.run("git", "commit", "--quiet", "--all", "--message", "Improve")
    other = tmp_path / "pandas-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: pandas\nVersion: 1.0\n")
    clone.env["PYTHONPATH"] = str(tmp_path)
    try:
        text = verify(clone, status=1)
    finally:
        del clone.env["PYTHONPATH"]
        clone.run("git", "reset", "--quiet", "--hard", "HEAD~1")
    lines = text.splitlines()
    different = {line.split()[1]: line for line in lines if "different" in line}
    assert set(different) == {SUBMISSION, METRICS}
    assert "the committed file" in different[SUBMISSION] or "dvc.lock" in different[SUBMISSION]
    assert "accuracy 0.9" in different[METRICS]
    assert "recorded 0.8" in different[METRICS]
    assert any("pandas: 1.0 installed, pinned ==" in line for line in lines)
    assert any(line.startswith("recorded on") and "pandas 3" in line for line in lines)
    assert any(line.startswith("here") and "pandas 1.0" in line for line in lines)
    assert lines[-1].endswith("NOT reproduced")


def test_a_changed_seed_is_caught(clone: Clone) -> None:
    """Also one that dvc.lock is made to agree with."""
    clone.set("train.seed", 43)
    lock = yaml.safe_load((clone.folder / "dvc.lock").read_text())
    lock["stages"]["train"]["params"]["params.yaml"]["train"]["seed"] = 43
    (clone.folder / "dvc.lock").write_text(yaml.safe_dump(lock))
    clone.run("git", "commit", "--quiet", "--all", "--message", "Improve")
    try:
        found = verify(clone, "--json", status=1)
    finally:
        clone.run("git", "reset", "--quiet", "--hard", "HEAD~1")
    assert not found["reproduced"]
    verdicts = {one["path"]: one["verdict"] for one in found["outputs"]}
    assert verdicts["data/split"] == "identical"
    assert verdicts["data/model"] == verdicts[METRICS] == verdicts[SUBMISSION] == "different"


def test_a_commit_that_cannot_be_run_is_another_status(clone: Clone) -> None:
    assert "error: " in verify(clone, "nosuchcommit", status=2)
    clone.set("data.source", "nowhere")
    clone.run("git", "commit", "--quiet", "--all", "--message", "Break")
    try:
        text = verify(clone, status=2)
    finally:
        clone.run("git", "reset", "--quiet", "--hard", "HEAD~1")
    assert "data/nowhere/train.csv" in text
    assert "Traceback" not in text
