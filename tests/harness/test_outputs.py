"""Outputs are whole or absent."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from unittest.mock import Mock

import pandas as pd
import pytest

from stages.harness import paths
from stages.harness.outputs import (
    new_file,
    new_folder,
    touch_tracked,
    write_json,
    write_table,
)


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
    (tmp_path / "folder.part").mkdir()
    (tmp_path / "folder.part" / "left by a killed run").touch()
    for name in ("first", "second"):
        with new_folder(path) as part:
            (part / name).touch()
        assert [entry.name for entry in path.iterdir()] == [name]
    with pytest.raises(OSError, match="full"), new_folder(path) as part:
        (part / "third").touch()
        raise OSError("disk full")
    assert [entry.name for entry in path.iterdir()] == ["second"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_renamed_keeps_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to rename a folder while a program has a file in it open."""
    path, replace = tmp_path / "folder", Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "folder.part":
            raise PermissionError(13, "The process cannot access the file")
        return replace(self, target)

    with new_folder(path) as part:
        (part / "old").touch()
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError) as caught, new_folder(path) as part:
        (part / "new").touch()
    assert caught.value.filename == str(path)
    assert list(tmp_path.rglob("*")) == [path, path / "old"]


@pytest.mark.parametrize("new", [new_file, new_folder])
def test_an_error_of_the_system_names_the_output(
    tmp_path: Path, new: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    path = tmp_path / "output"
    for error in (OSError(28, "full"), OSError("8 requested and 2 written")):
        with pytest.raises(OSError, match=r"full|2 written") as caught, new(path):
            raise error
        assert (caught.value.errno, caught.value.filename) == (28, str(path))
    with pytest.raises(OSError, match="full") as caught, new(path):
        raise OSError(28, "full", "input")
    assert caught.value.filename == "input"


def test_json_and_csv_have_one_form(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": 1, "a": 0.5})
    assert (tmp_path / "a.json").read_bytes() == b'{\n  "a": 0.5,\n  "b": 1\n}\n'
    write_table(tmp_path / "a.csv", pd.DataFrame({"x": [1, 2], "y": (0.5, "a,b")}))
    assert (tmp_path / "a.csv").read_bytes() == b'x,y\n1,0.5\n2,"a,b"\n'


@pytest.mark.usefixtures("in_tmp")
def test_what_git_tracks_gets_another_second(monkeypatch: pytest.MonkeyPatch) -> None:
    write_json(paths.SCORES, {})
    before = paths.SCORES.stat().st_mtime_ns
    touch_tracked()
    assert paths.SCORES.stat().st_mtime_ns == before + 10**9
    monkeypatch.setattr(os, "utime", Mock(side_effect=PermissionError))
    touch_tracked()
