"""Repairing DVC's own files: only damaged ones, and only while no other DVC works there."""

import os
import subprocess
from pathlib import Path

import pytest
from dvc.lock import make_lock

from tests.support.clone import ROOT, Clone
from tests.support.workplace import Workplace
from tools import repair


@pytest.fixture
def lock(in_tmp: Path) -> Path:
    """The committed dvc.lock of a repository, which is the working folder."""
    repair.LOCK.write_bytes((ROOT / "dvc.lock").read_bytes())
    Clone.empty(in_tmp).commit()
    repair.RWLOCK.parent.mkdir(parents=True)
    Path("data/sources/mnist_5k").mkdir(parents=True)
    return repair.LOCK


def test_whole_files_stay(lock: Path, place: Workplace) -> None:
    repair.RWLOCK.write_text("{}")
    lock.write_text(whole := lock.read_text() + "  more:\n    cmd: make\n")
    assert place.ask("repair") == (0, [], [])
    assert lock.read_text() == whole
    assert repair.RWLOCK.read_text() == "{}"


@pytest.mark.parametrize("end", ["", "stages:\n", "cmd: ", "hash: md5\n", "params.yaml:\n"])
def test_a_lock_file_cut_short_becomes_the_committed_one(lock: Path, end: str) -> None:
    whole = lock.read_text()
    lock.write_text(whole[: whole.index(end) + len(end)])
    repair.main()
    assert lock.read_text() == whole


def test_a_damaged_file_that_was_never_committed_is_removed(lock: Path) -> None:
    repair.RWLOCK.write_text("")
    repair.main()
    assert not repair.RWLOCK.exists()


def test_nothing_is_done_while_dvc_works(lock: Path, place: Workplace) -> None:
    repair.RWLOCK.write_text("")
    with make_lock(".dvc/tmp/lock"):
        place.refuses("tools.repair", "in use by DVC; wait until it ends")


def test_a_lock_of_git_is_reported_and_stays(
    lock: Path, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "worktree", "add", "--quiet", "other"], check=True)
    for folder, locked in ((".", ".git"), ("other", ".git/worktrees/other")):
        kept = lock.parent.absolute() / locked / "index.lock"
        kept.touch()
        with monkeypatch.context() as patch:
            patch.chdir(folder)
            place.refuses("tools.repair", "index.lock: git is at work, or was killed", "rm ")


def test_what_dvc_would_wait_for_is_named(lock: Path, place: Workplace) -> None:
    pipe = Path("data/sources/mnist_5k/train.csv")
    os.mkfifo(pipe)
    place.refuses("tools.repair", f"{pipe}: a link that leads nowhere, a pipe or a device")
    Path("params.yaml").unlink()
    os.mkfifo("params.yaml")
    place.refuses("tools.repair", "params.yaml: not a file")


def test_damaged_objects_leave_the_cache(tmp_path: Path) -> None:
    objects = tmp_path / "cache" / "files" / "md5"
    whole = objects / "90" / "0150983cd24fb0d6963f7d28e17f72"  # the MD5 of "abc"
    folder = objects / "d7" / "51713988987e9331980363e24189ce.dir"  # of "[]"
    cut = objects / "90" / "0150983cd24fb0d6963f7d28e17f73"
    for path, text in ((whole, "abc"), (folder, "[]"), (cut, "ab")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    repair.clean_cache(tmp_path / "cache")
    assert [path.exists() for path in (whole, folder, cut)] == [True, True, False]
