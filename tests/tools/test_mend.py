"""Mending DVC's own files: only damaged ones, and only while no other process works there."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.clone import ROOT
from tools import mend

IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.org")


def git(*words: str) -> None:
    subprocess.run(["git", *IDENTITY, *words], check=True)


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The committed lock file of a repository, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["mend"])
    Path("dvc.lock").write_bytes((ROOT / "dvc.lock").read_bytes())
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "all")
    mend.RWLOCK.parent.mkdir(parents=True)
    return mend.LOCK


def test_whole_files_stay(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mend.RWLOCK.write_text("{}")
    lock.write_text(whole := lock.read_text() + "  more:\n    cmd: make\n")
    mend.main()
    assert capsys.readouterr().out == ""
    assert lock.read_text() == whole
    assert mend.RWLOCK.read_text() == "{}"


ENDS = ("", "schema", "stages:\n", "cmd: ", "deps:\n", "- pa", "hash: md5\n", "params.yaml:\n")


def test_a_lock_file_cut_short_becomes_the_committed_one(lock: Path) -> None:
    whole = lock.read_text()
    for end in ENDS:
        lock.write_text(whole[: whole.index(end) + len(end)])
        mend.main()
        assert lock.read_text() == whole


def test_a_damaged_lock_file_that_was_never_committed_is_removed(lock: Path) -> None:
    git("rm", "--quiet", "--cached", "dvc.lock")
    git("commit", "--quiet", "-m", "none")
    lock.write_text("")
    mend.main()
    assert not lock.exists()


@pytest.mark.parametrize("worktree", [False, True])
def test_locks_of_the_dead_are_removed(
    lock: Path,
    worktree: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if worktree:
        git("worktree", "add", "--quiet", "other")
        monkeypatch.chdir("other")
        mend.RWLOCK.parent.mkdir(parents=True)
    mend.RWLOCK.write_text("")
    path = ["git", "rev-parse", "--git-path", "index.lock"]
    index_lock = Path(subprocess.check_output(path, text=True).strip())
    index_lock.touch()
    mend.main()
    assert str(index_lock) in capsys.readouterr().out
    assert not mend.RWLOCK.exists()
    git("add", "--all")


def test_damaged_objects_leave_the_cache(tmp_path: Path) -> None:
    objects = tmp_path / "cache" / "files" / "md5"
    whole = objects / "90" / "0150983cd24fb0d6963f7d28e17f72"  # the MD5 of "abc"
    folder = objects / "d7" / "51713988987e9331980363e24189ce.dir"  # of "[]"
    cut = objects / "90" / "0150983cd24fb0d6963f7d28e17f73"
    for path, text in ((whole, "abc"), (folder, "[]"), (cut, "ab")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert mend.find_damaged_objects(tmp_path / "cache") == [cut]


def test_nothing_is_touched_while_a_dvc_works_there(lock: Path) -> None:
    mend.RWLOCK.write_text("")
    script = lock.absolute().with_name("dvc")
    script.write_text("import time; print(flush=True); time.sleep(60)")
    command = [sys.executable, str(script), "repro"]
    with subprocess.Popen(command, cwd=".dvc", stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        with pytest.raises(SystemExit) as caught:
            mend.main()
        process.kill()
    assert f"error: .dvc/tmp/rwlock: in use by process {process.pid}" in str(caught.value)
    assert mend.RWLOCK.exists()
