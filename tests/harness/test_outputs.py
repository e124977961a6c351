"""Outputs are whole or absent."""

from pathlib import Path

import pandas as pd
import pytest

from stages.harness.outputs import new_file, new_folder, write_json, write_table


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


def test_json_and_csv_have_one_form(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": 1, "a": 0.5})
    assert (tmp_path / "a.json").read_bytes() == b'{\n  "a": 0.5,\n  "b": 1\n}\n'
    write_table(tmp_path / "a.csv", pd.DataFrame({"x": [1, 2], "y": (0.5, "a,b")}))
    assert (tmp_path / "a.csv").read_bytes() == b'x,y\n1,0.5\n2,"a,b"\n'
