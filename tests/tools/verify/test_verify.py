"""Verifying: it catches what is planted, and it touches nothing of the user's."""

import json
import sys
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from stages.harness import paths
from tests.support.clone import Clone
from tools.verify.clone import bring_data, check_out, resolve

pytestmark = pytest.mark.slow

METRICS, SUBMISSION = "metrics/evaluate.json", "data/submission.csv"


def commit(clone: Clone) -> None:
    clone.run("git", "commit", "--quiet", "--all", "--message", "Improve")


def verify(clone: Clone, *arguments: str, status: int) -> Any:
    """Runs it in a copy; returns what it prints, which may be JSON."""
    printed = clone.run(sys.executable, "-m", "tools.verify", *arguments, status=status)
    text = "".join(line for line in printed.splitlines(True) if not line.startswith("Running"))
    return json.loads(text) if "--json" in arguments else text


def list_times(folder: Path) -> dict[Path, int]:
    """Lists when each file and folder was last changed, also git's and DVC's own."""
    files = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return {path: path.stat().st_mtime_ns for path in files}


def test_an_experiment_is_reproduced_in_a_worktree_and_nothing_is_touched(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.dvc("exp", "run", "--name", "short", "-S", "evaluate.calibration_bins=10")
    clone.run("git", "reset", "--quiet", "--hard")
    clone.dvc("checkout", "--quiet")
    worktree = Clone(tmp_path / "worktree", clone.env)
    clone.run("git", "worktree", "add", "--quiet", "--detach", str(worktree.folder))
    before = list_times(clone.folder)
    monkeypatch.setitem(clone.env, "GIT_DIR", str(clone.folder / ".git"))  # as in a hook of git
    report = verify(worktree, "short", "--json", status=0)
    assert list_times(clone.folder) == before
    assert report["reproduced"] is True
    assert report["changed"] == []
    assert {output["verdict"] for output in report["outputs"]} == {"identical"}
    listed = {output["path"] for output in report["outputs"]}
    assert {"data/raw", "data/model", "metrics/figures", METRICS, SUBMISSION} < listed
    assert report["recorded"]["python"]
    assert report["here"]["packages"]["keras"]


def test_what_is_planted_is_caught(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Edited outputs, one of which dvc.lock is made to agree with; code and a package changed."""
    path = clone.folder / SUBMISSION
    path.write_text(path.read_text().replace("\n7,", "\n7,9", 1))
    (clone.folder / paths.FIGURES / "loss.svg").write_bytes(b"better")
    metrics, lock = clone.folder / METRICS, clone.folder / "dvc.lock"
    old = metrics.read_bytes()
    metrics.write_bytes(old.replace(b'"accuracy": 0.9', b'"accuracy": 0.8', 1))
    lock.write_text(
        lock.read_text().replace(md5(old).hexdigest(), md5(metrics.read_bytes()).hexdigest())
    )
    other = tmp_path / "pandas-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: pandas\nVersion: 1.0\n")
    monkeypatch.setitem(clone.env, "PYTHONPATH", str(tmp_path))
    commit(clone)
    with (clone.folder / "stages" / "reporting" / "text.py").open("a") as code:
        code.write("# better\n")
    commit(clone)
    lines = verify(clone, status=1).splitlines()
    different = {line.split()[1]: line for line in lines if "different" in line}
    # The report names the version of each package.
    assert set(different) == {SUBMISSION, METRICS, "metrics/figures", "metrics/report.html"}
    assert "committed file is not the one in dvc.lock: 1 of" in different[SUBMISSION]
    assert "committed file is not the one in dvc.lock: loss.svg" in different["metrics/figures"]
    assert "accuracy 0.9" in different[METRICS]
    assert "recorded 0.8" in different[METRICS]
    changed = "\n".join(line for line in lines if line.startswith("changed"))
    assert "report: stages/reporting is " in changed
    assert "stages/reporting/text.py: edited after dvc.lock was committed" in changed
    assert "pandas: 1.0 installed, pinned ==" in changed
    assert any(line.startswith("recorded on") and "pandas 3" in line for line in lines)
    assert any(line.startswith("here") and "pandas 1.0" in line for line in lines)
    assert lines[-1].endswith("NOT reproduced")


def test_a_commit_that_cannot_be_run_is_another_status(clone: Clone) -> None:
    text = verify(clone, "no*", status=2)
    assert text == "error: no*: no commit, branch, tag or experiment of that name\n"
    (clone.folder / "dvc.lock").write_text("stages: [")
    commit(clone)
    text = verify(clone, status=2)
    assert text.startswith("error: dvc.lock, ")
    assert text.count("\n") == 1
    clone.run("git", "checkout", "--quiet", "HEAD~1", "dvc.lock")
    clone.set("data.source", "nowhere")
    commit(clone)
    text = verify(clone, status=2)
    assert "data.source: nowhere: no folder" in text
    assert "Traceback" not in text


def test_only_the_chosen_source_is_copied(clone: Clone, tmp_path: Path) -> None:
    for name in ("mine", "other"):
        (clone.folder / paths.SOURCES / name).mkdir()
        (clone.folder / paths.SOURCES / name / "train.csv").write_text(name)
    clone.dvc("add", "data/sources/mine", "data/sources/other/train.csv")
    clone.set("data.source", "mine")
    commit(clone)
    check_out(clone.folder, resolve(clone.folder, "HEAD"), tmp_path / "copy")
    bring_data(clone.folder, tmp_path / "copy")
    objects = (tmp_path / "copy" / ".dvc" / "cache").rglob("*")
    assert sorted(path.read_text()[:4] for path in objects if path.is_file()) == ['[{"m', "mine"]
