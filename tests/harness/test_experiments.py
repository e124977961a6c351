"""An experiment whose result DVC would lose ends in one line, before it has cost time."""

from pathlib import Path

import pytest

from stages.harness.dvc import describe_clone, describe_experiment
from tests.support.clone import Clone


@pytest.fixture
def project(tmp_path: Path) -> Clone:
    """A repository with two commits."""
    project = Clone.empty(tmp_path / "project")
    for _ in range(2):
        project.commit()
    project.run("git", "config", "uploadpack.allowFilter", "true")
    return project


def enter(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Goes to where DVC runs an experiment of this name in a copy; returns the commit."""
    copy = root / ".dvc" / "tmp" / "exps" / "tmp123"
    copy.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(copy)
    commit = Clone(root).run("git", "rev-parse", "HEAD").strip()
    monkeypatch.setenv("DVC_EXP_NAME", name)
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", commit)
    monkeypatch.setenv("DVC_ROOT", str(root))
    return commit


@pytest.mark.parametrize(
    ("option", "word"), [("--depth=1", "shallow"), ("--filter=blob:none", "partial")]
)
def test_a_clone_that_lacks_commits_is_named(
    project: Clone, monkeypatch: pytest.MonkeyPatch, option: str, word: str
) -> None:
    clone = project.folder.with_name("clone")
    project.run("git", "clone", "--quiet", option, project.folder.as_uri(), str(clone))
    enter(clone, "new", monkeypatch)
    assert f"clone: this clone is {word}, and DVC " in str(describe_experiment())
    monkeypatch.chdir(clone)  # in the project itself nothing is lost
    assert describe_experiment() is None


def test_a_name_that_is_taken_is_refused(project: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """DVC queues two batches of one name, and keeps the results of the first."""
    commit = enter(project.folder, "nn-1", monkeypatch)
    project.run("git", "update-ref", f"refs/exps/{commit[:2]}/{commit[2:]}/nn-1", commit)
    assert "experiment nn-1 exists, and DVC would lose this one" in str(describe_experiment())
    enter(project.folder, "nn-11", monkeypatch)  # in a whole clone, nothing is lost
    assert describe_clone(project.folder) is None
    assert describe_experiment() is None
