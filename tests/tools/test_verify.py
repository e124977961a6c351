"""Verifying: it catches what is planted, and it touches nothing of the user's."""

import re
import shutil
import sys
from hashlib import md5
from pathlib import Path

import pytest

from stages.harness import paths
from tests.support.clone import Clone
from tests.support.workplace import check_refusal
from tools import verify

pytestmark = pytest.mark.slow

SCORE = (paths.SCORES, '"accuracy": 0.9262', '"accuracy": 0.9352')  # within the tolerance


@pytest.fixture
def clone(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A copy that is the working folder, with this Python's DVC."""
    monkeypatch.chdir(clone.folder)
    monkeypatch.setenv("PATH", clone.env["PATH"])
    return clone


def replace(path: Path, old: str, new: str, count: int = -1) -> bytes:
    """Replaces text in a file; returns the file's bytes from before."""
    before = path.read_bytes()
    assert before.count(old.encode()) >= max(count, 1)
    path.write_bytes(before.replace(old.encode(), new.encode(), count))
    return before


def run(clone: Clone, rev: str, status: int) -> str:
    return clone.run(sys.executable, "-m", "tools.verify", rev, status=status)


def list_times(folder: Path) -> dict[Path, int]:
    """Lists when each file was last changed, also git's and DVC's own."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path: path.stat().st_mtime_ns for path in files}


def test_what_was_edited_is_caught(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """A submission, a score that dvc.lock agrees with, and code; a hook of git verifies them.

    They are the commit of an experiment. docs/reproducibility.md verifies one without an edit.
    """
    recorded = md5(replace(*SCORE)).hexdigest()
    replace(Path("dvc.lock"), recorded, md5(SCORE[0].read_bytes()).hexdigest())
    replace(paths.SUBMISSION, "\n7,", "\n7,9")
    replace(Path("stages/report.py"), '"""', '"""In other words: ', 1)
    clone.commit()
    clone.run("git", "update-ref", "refs/exps/12/345678/better", "HEAD")
    clone.run("git", "reset", "--quiet", "--hard", "HEAD~1")
    monkeypatch.setitem(clone.env, "GIT_DIR", str(clone.folder / ".git"))
    monkeypatch.setitem(clone.env, "PYTHONHASHSEED", "3")
    times = list_times(clone.folder)
    printed = run(clone, "better", status=1)
    assert list_times(clone.folder) == times
    _, _, report = printed.partition("metrics/environment.json: what made")
    assert f" {paths.SUBMISSION} " in report
    assert "accuracy  0.9352  0.9262" in report.replace("    ", "  ")
    assert "edited after the recorded run: data/submission.csv, stages/report.py\n" in report
    assert "machine and packages: " in report
    assert re.search("variables that may change bytes: .*PYTHONHASHSEED=3", report)
    assert report.endswith(" NOT reproduced\n")


def test_data_of_ones_own_is_no_edit(clone: Clone, tmp_path: Path) -> None:
    """A clone lacks the data until it is pulled; then nothing differs."""
    source = Path("data/sources/mine")
    shutil.copytree("data/raw", source)
    (source / "SHA256SUMS").unlink()
    clone.dvc("add", *map(str, source.iterdir()))
    clone.dvc("exp", "run", "-S", "data.source=mine")
    clone.commit()
    project = verify.check_out("HEAD", tmp_path / "copy")
    verify.copy_data(project, "mine")
    assert verify.list_edits(project) == []


def test_a_project_in_a_larger_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "larger" / "project"
    project.mkdir(parents=True)
    (project / "dvc.yaml").touch()
    Clone.empty(tmp_path / "larger").commit()
    monkeypatch.chdir(project)
    found = verify.check_out("HEAD", tmp_path / "copy")
    assert found == tmp_path / "copy" / "project"
    assert (found / "dvc.yaml").exists()


def test_a_commit_that_cannot_be_rebuilt_is_one_line(clone: Clone) -> None:
    assert run(clone, "nosuch", status=1) == "error: bad revision 'nosuch'\n"
    Path("dvc.lock").write_text("stages: [")
    clone.commit()
    text = run(clone, "HEAD", status=1)
    check_refusal(1, text, "error: './dvc.lock' is invalid")


MODEL = (paths.MODEL / "learning_curve.csv", "\n1,", "\n1,0", 1)


@pytest.mark.parametrize(
    ("edits", "near"),
    [
        ([MODEL, (*SCORE, 1), (paths.SUBMISSION, ",3\n", ",5\n", 20)], True),
        ([(*SCORE, 1)], False),  # the same classifier has the same scores
        ([MODEL, (*SCORE[:2], '"accuracy": 0.9372', 1)], False),
        ([MODEL, (paths.SUBMISSION, ",3\n", ",5\n", 30)], False),
    ],
)
def test_only_small_differences_of_another_classifier_are_within_the_tolerance(
    clone: Clone, edits: list[tuple[Path, str, str, int]], near: bool
) -> None:
    for edit in edits:
        replace(*edit)
    clone.run("git", "add", "--all")
    assert verify.is_near(Path()) == near
