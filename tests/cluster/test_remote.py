"""What a worker does, without an engine."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stages.cluster import remote
from stages.cluster.description import compare, describe
from stages.cluster.remote import Place, describe_place, receive, run_task
from stages.harness.errors import InputError
from tests.support.clone import ROOT
from tests.support.cluster import wait_until

FILE = b"a file of two pieces"
DIGEST = hashlib.sha256(FILE).hexdigest()


class Wanted:
    """Whether somebody waits for the task."""

    released = False

    def __call__(self) -> bool:
        return self.released


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(remote, "POLL", 0.1)
    monkeypatch.chdir(ROOT)
    return Place("tcp://there:1", tmp_path, {}, Wanted())


def request(*words: str, place: Place, **changes: Any) -> dict[str, Any]:
    parts = {"module": "tests.cluster.job", "arguments": words, "files": {}, "contents": {}}
    description = describe_place(place)["description"]
    return parts | {"outputs": (), "description": description} | changes


def left(place: Place) -> list[Path]:
    return [path for path in place.folder.rglob("*") if path.is_file() or "task-" in path.name]


def test_a_file_is_there_after_its_last_piece(place: Place) -> None:
    here = {"worker": place.name}
    file = {"data/file": (DIGEST, "/nowhere", len(FILE))}
    task = request("nothing", place=place, files=file, outputs=("data/file",))
    assert run_task(place, task) == {"missing": [DIGEST]} | here
    for piece, last in ((FILE[:5], False), (FILE[5:], False), (b"", True)):
        assert receive(place, "key", DIGEST, piece, last) == {"wanted": True} | here
    assert receive(place, "key", DIGEST, FILE, False) == {"wanted": False} | here
    assert run_task(place, task) == {"outputs": {"data/file": FILE}} | here
    assert left(place) == [place.folder / "inputs" / DIGEST]


def test_a_file_that_changes_while_it_is_sent_is_refused(place: Place) -> None:
    receive(place, "key", DIGEST, b"something else", False)
    assert "has changed" in receive(place, "key", DIGEST, b"", True)["error"]
    wait_until(lambda: not left(place), 5)


def test_half_a_file_goes_with_its_sender(place: Place) -> None:
    receive(place, "key", DIGEST, FILE[:5], False)
    assert left(place)
    place.released.released = True  # type: ignore[attr-defined]
    wait_until(lambda: not left(place), 5)


def test_the_client_s_own_file_is_used_if_it_is_the_same(place: Place, tmp_path: Path) -> None:
    (tmp_path / "own").write_bytes(FILE)
    file = {"file": (DIGEST, str(tmp_path / "own"), len(FILE))}
    task = request("nothing", place=place, files=file, outputs=("file",))
    assert run_task(place, task)["outputs"] == {"file": FILE}
    (tmp_path / "own").write_bytes(FILE.upper())
    os.utime(tmp_path / "own", (0, 0))
    assert run_task(place, task)["missing"] == [DIGEST]


def test_inputs_are_copied_where_links_are_not_allowed(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "symlink_to", refuse)
    test_the_client_s_own_file_is_used_if_it_is_the_same(place, tmp_path)


def test_a_task_that_nobody_waits_for_is_killed(place: Place, tmp_path: Path) -> None:
    place.released.released = True  # type: ignore[attr-defined]
    pid = tmp_path / "pid"
    assert "released" in run_task(place, request("sleep", str(pid), "60", place=place))
    assert [path for path in left(place) if path != pid] == []


def test_a_process_ends_with_its_standard_input() -> None:
    command = [sys.executable, "-m", "stages.cluster.child", "timeit", "-n1", "-r1", "while 1: 0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True
    ) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        assert process.stdin
        process.stdin.close()
        assert process.wait(10) != 0


def test_a_worker_outside_a_clone_says_so(place: Place, tmp_path: Path) -> None:
    os.chdir(tmp_path)
    line = f"{tmp_path} has no stages/cluster; start the worker in a clone of this project"
    assert describe_place(place) == {"worker": place.name, "error": line}


@pytest.mark.parametrize(
    ("kind", "name", "line"),
    [
        ("package", "numpy", "worker tcp://there has numpy 0, and here is .*; install the same"),
        ("package", "Python", r"worker tcp://there has Python 0, and here is 3\..*; install"),
        ("code", "stages/train.py", "worker tcp://there has other stages/train.py; check out the"),
        ("code", "stages/new.py", "worker tcp://there has other stages/new.py; check out the same"),
        ("machine", "processor features", "worker tcp://there has processor features 0, and here"),
        ("machine", "system", "worker tcp://there has system 0, and here is .*; use workers of"),
    ],
)
def test_the_first_difference_is_named(
    kind: str, name: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    here, there = describe(), describe()
    compare("tcp://there", here, there)
    there[kind][name] = "0"
    with pytest.raises(InputError, match=f"^{line}"):
        compare("tcp://there", here, there)
