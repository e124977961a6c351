"""Verifying: what is planted is caught, and nothing of the user's is touched."""

import json
import sys
from hashlib import md5
from pathlib import Path
from typing import Any

import yaml

from tests.clone import Clone

METRICS, SUBMISSION = "metrics/evaluate.json", "data/submission.csv"


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
    clone.env["GIT_DIR"] = str(clone.folder / ".git")  # as in a hook of git
    try:
        found = verify(clone, "short", "--json", status=0)
    finally:
        del clone.env["GIT_DIR"]
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
    lock.write_text(
        lock.read_text().replace(md5(old).hexdigest(), md5(metrics.read_bytes()).hexdigest())
    )
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
    assert set(different) == {SUBMISSION, METRICS, "metrics/report.html"}  # it names the version
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
    said = verify(clone, "no*", status=2)
    assert said == "error: no*: no commit, branch, tag or experiment of that name\n"
    (clone.folder / "data" / "dvc.lock").write_text("stages: [")
    clone.run("git", "commit", "--quiet", "--all", "--message", "Damage")
    said = verify(clone, status=2)
    assert said.startswith("error: a lock file")
    assert said.count("\n") == 1
    clone.run("git", "reset", "--quiet", "--hard", "HEAD~1")
    clone.set("data.source", "nowhere")
    clone.run("git", "commit", "--quiet", "--all", "--message", "Break")
    try:
        text = verify(clone, status=2)
    finally:
        clone.run("git", "reset", "--quiet", "--hard", "HEAD~1")
    assert "data/nowhere/train.csv" in text
    assert "Traceback" not in text
