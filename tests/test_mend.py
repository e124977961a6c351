"""Mending DVC's own files: only what is damaged, and only while nobody works there."""

import subprocess
import sys
from pathlib import Path

import pytest

import mend
from tests.clone import ROOT

IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.org")


def git(*words: str) -> None:
    subprocess.run(["git", *IDENTITY, *words], check=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the two lock files, committed, and DVC's folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["mend"])
    for lock in mend.LOCKS:
        lock.parent.mkdir(exist_ok=True)
        lock.write_bytes((ROOT / lock).read_bytes())
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "all")
    mend.RWLOCK.parent.mkdir(parents=True)
    return tmp_path


@pytest.mark.usefixtures("repository")
def test_what_is_whole_stays(capsys: pytest.CaptureFixture[str]) -> None:
    mend.RWLOCK.write_text("{}")
    mend.LOCKS[0].write_text("schema: '2.0'\n")
    mend.main()
    assert capsys.readouterr().out == ""
    assert mend.LOCKS[0].read_text() == "schema: '2.0'\n"
    assert mend.RWLOCK.read_text() == "{}"


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("end", [b"", b"schema", b"- pa", b"cmd: "])
@pytest.mark.parametrize("lock", mend.LOCKS)
def test_a_lock_file_cut_short_becomes_the_committed_one(lock: Path, end: bytes) -> None:
    whole = lock.read_bytes()
    lock.write_bytes(whole[: whole.index(end) + len(end)])
    assert mend.damaged() == [lock]
    mend.main()
    assert lock.read_bytes() == whole
    assert mend.damaged() == []


@pytest.mark.usefixtures("repository")
def test_a_damaged_lock_file_that_was_never_committed_is_removed() -> None:
    git("rm", "--quiet", "--cached", "dvc.lock")
    git("commit", "--quiet", "-m", "none")
    Path("dvc.lock").write_text("")
    mend.main()
    assert not Path("dvc.lock").exists()


@pytest.mark.usefixtures("repository")
def test_locks_of_the_dead_are_removed() -> None:
    mend.RWLOCK.write_text("")
    mend.INDEX_LOCK.touch()
    mend.main()
    assert not mend.RWLOCK.exists()
    assert not mend.INDEX_LOCK.exists()


@pytest.mark.usefixtures("repository")
def test_damaged_objects_leave_the_cache(tmp_path: Path) -> None:
    objects = tmp_path / "cache" / "files" / "md5"
    whole = objects / "90" / "0150983cd24fb0d6963f7d28e17f72"  # the MD5 of "abc"
    folder = objects / "d7" / "51713988987e9331980363e24189ce.dir"  # of "[]"
    cut = objects / "90" / "0150983cd24fb0d6963f7d28e17f73"
    for path, text in ((whole, "abc"), (folder, "[]"), (cut, "ab")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert mend.damaged_objects(tmp_path / "cache") == [cut]


def test_nothing_is_touched_while_a_dvc_works_there(repository: Path) -> None:
    mend.RWLOCK.write_text("")
    script = repository / "dvc"
    script.write_text("import time; print(flush=True); time.sleep(60)")
    command = [sys.executable, str(script), "repro"]
    with subprocess.Popen(command, cwd="data", stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        with pytest.raises(SystemExit) as caught:
            mend.main()
        process.kill()
    assert f"error: .dvc/tmp/rwlock: in use by process {process.pid}" in str(caught.value)
    assert mend.RWLOCK.exists()
