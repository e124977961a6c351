"""Outputs are whole or absent."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from stages.harness import dvc
from stages.harness.outputs import new_file, new_folder, write_json, write_table
from tests.support.clone import run_python


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    with new_file(path) as part:
        part.write_text("half")
        assert not path.exists()
    with pytest.raises(OSError, match="full"), new_file(path) as part:
        part.write_text("other")
        raise OSError("disk full")
    assert path.read_text() == "half"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    (tmp_path / "folder.part" / "new" / "left by a killed run").mkdir(parents=True)
    for name in ("first", "second"):
        with new_folder(path) as part:
            (part / name).touch()
        assert [entry.name for entry in path.iterdir()] == [name]
    with pytest.raises(OSError, match="full"), new_folder(path) as part:
        (part / "third").touch()
        raise OSError("disk full")
    assert list(tmp_path.rglob("*")) == [path, path / "second"]


@pytest.mark.parametrize("leave", [Path.touch, partial(os.symlink, "elsewhere"), os.mkfifo])
def test_what_is_in_the_way_is_kept(tmp_path: Path, leave: Callable[[Path], object]) -> None:
    """It may be the user's, and a link leads elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    leave(tmp_path / "output.part")
    for make in (new_file, new_folder):
        with pytest.raises(FileExistsError, match="in the way"), make(tmp_path / "output"):
            raise AssertionError
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "output.part"]
    assert list(elsewhere.iterdir()) == []


def test_no_device_is_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "output")
    with pytest.raises(FileExistsError, match="not a file"), new_file(tmp_path / "output"):
        raise AssertionError


def test_two_processes_never_make_one_output(tmp_path: Path) -> None:
    path = tmp_path / "model"
    code = (
        "import pathlib; from stages.harness import errors, outputs;"
        f"errors.run(lambda: outputs.new_folder(pathlib.Path({str(path)!r})).__enter__())"
    )
    with new_folder(path) as folder:
        (folder / "first").touch()
        second = run_python(code)
    fault = "another process is making this output; wait until it ends, or end it"
    assert second.stderr == f"error: {path}: {fault}\n"
    assert [entry.name for entry in path.iterdir()] == ["first"]


def test_an_orphan_replaces_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DVC has ended, and the next one may be at work."""
    path = tmp_path / "model"
    path.write_text("old")
    monkeypatch.setenv("DVC_STAGE", "train")
    monkeypatch.setattr(dvc, "_find_dvc", lambda: None)
    with pytest.raises(ChildProcessError, match="DVC was killed"), new_file(path) as part:
        part.write_text("new")
    assert path.read_text() == "old"


def test_json_and_csv_have_one_form(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": 1, "a": 0.5})
    assert (tmp_path / "a.json").read_bytes() == b'{\n  "a": 0.5,\n  "b": 1\n}\n'
    write_table(tmp_path / "a.csv", pd.DataFrame({"x": [1, 2], "y": (0.5, "a,b")}))
    assert (tmp_path / "a.csv").read_bytes() == b'x,y\n1,0.5\n2,"a,b"\n'
