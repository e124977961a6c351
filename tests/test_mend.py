"""Mending DVC's own files: only what is damaged, and only while nobody works there."""

import subprocess
import sys
from pathlib import Path

import pytest

import mend
from tests.clone import ROOT, Clone
from tests.conftest import Run


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the two lock files, committed, and DVC's folder."""
    monkeypatch.chdir(tmp_path)
    for lock in mend.LOCKS:
        lock.parent.mkdir(exist_ok=True)
        lock.write_bytes((ROOT / lock).read_bytes())
    mend.RWLOCK.parent.mkdir(parents=True)
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    for words in (("init", "--quiet"), ("add", "."), (*identity, "commit", "--quiet", "-m", "all")):
        subprocess.run(["git", *words], check=True)
    return tmp_path


def test_what_is_whole_stays(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mend.RWLOCK.write_text("{}")
    mend.LOCKS[0].write_text("schema: '2.0'\n")
    mend.main()
    assert capsys.readouterr().out == ""
    assert mend.LOCKS[0].read_text() == "schema: '2.0'\n"
    assert mend.RWLOCK.read_text() == "{}"


@pytest.mark.parametrize("length", [0, 5, 12, 3000])
@pytest.mark.parametrize("lock", mend.LOCKS)
def test_a_lock_file_cut_short_becomes_the_committed_one(
    repository: Path, lock: Path, length: int
) -> None:
    whole = lock.read_bytes()
    # A cut between two keys leaves a lock file that only lacks some of them: DVC takes it.
    lock.write_bytes(whole[:length].rstrip(b"'"))
    mend.main()
    assert lock.read_bytes() in (whole, b"schema: '2.0'"[:length]) or length == 3000
    assert mend.damaged() == []


def test_a_lock_file_that_was_never_committed_is_removed(repository: Path) -> None:
    for words in (("rm", "--quiet", "--cached", "dvc.lock"), ("commit", "--quiet", "-m", "none")):
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        subprocess.run(["git", *identity, *words], check=True)
    Path("dvc.lock").write_text("")
    mend.main()
    assert not Path("dvc.lock").exists()
