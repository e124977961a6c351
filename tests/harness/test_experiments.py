"""An experiment whose result DVC would lose ends in one line, before it has cost time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stages.harness.dvc import describe_clone, describe_experiment
from tests.support.clone import Clone


@pytest.fixture
def project(tmp_path: Path) -> Clone:
    """A repository with two commits."""
    folder = tmp_path / "project"
    folder.mkdir()
    project = Clone(folder)
    project.run("git", "init", "--quiet", "--initial-branch=main")
    for message in ("first", "second"):
        project.run("git", "commit", "--quiet", "--allow-empty", "--message", message)
    project.run("git", "config", "uploadpack.allowFilter", "true")
    return project


Enter = Callable[[Path, str], str]


@pytest.fixture
def enter(project: Clone, monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Goes to where DVC runs an experiment of this name in a copy; returns the commit."""

    def enter(root: Path, name: str) -> str:
        copy = root / ".dvc" / "tmp" / "exps" / "tmp123"
        copy.mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(copy)
        commit = project.run("git", "rev-parse", "HEAD").strip()
        monkeypatch.setenv("DVC_EXP_NAME", name)
        monkeypatch.setenv("DVC_EXP_BASELINE_REV", commit)
        monkeypatch.setenv("DVC_ROOT", str(root))
        return commit

    return enter


def test_a_whole_clone_is_as_it_should_be(project: Clone, enter: Enter) -> None:
    assert describe_clone(project.folder) is None
    enter(project.folder, "new")
    assert describe_experiment() is None


@pytest.mark.parametrize(
    ("option", "word"), [("--depth=1", "shallow"), ("--filter=blob:none", "partial")]
)
def test_a_clone_that_lacks_commits_is_named(
    project: Clone, enter: Enter, monkeypatch: pytest.MonkeyPatch, option: str, word: str
) -> None:
    clone = project.folder.with_name("clone")
    project.run("git", "clone", "--quiet", option, project.folder.as_uri(), str(clone))
    enter(clone, "new")
    assert f"clone: this clone is {word}, and DVC " in str(describe_experiment())
    monkeypatch.chdir(clone)  # in the project itself nothing is lost
    assert describe_experiment() is None


def test_a_name_that_is_taken_is_refused(project: Clone, enter: Enter) -> None:
    """DVC queues two batches of one name, and keeps the results of the first."""
    commit = enter(project.folder, "nn-1")
    project.run("git", "update-ref", f"refs/exps/{commit[:2]}/{commit[2:]}/nn-1", commit)
    line = "an experiment nn-1 exists, and DVC would lose this one"
    assert line in str(describe_experiment())
    enter(project.folder, "nn-11")
    assert describe_experiment() is None
