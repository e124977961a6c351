"""Outputs are whole or not there."""

from pathlib import Path

import pytest

from stages.outputs import new_file, new_folder, write_json, write_table


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    with new_file(path) as part:
        part.write_text("half")
        assert not path.exists()
    assert path.read_text() == "half"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(OSError, match="full"), new_file(path) as part:
        part.write_text("half")
        raise OSError("disk full")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


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


def test_an_error_of_the_system_names_the_output(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full") as caught, new_folder(tmp_path / "folder"):
        raise OSError(28, "full")
    assert caught.value.filename == str(tmp_path / "folder")
    with pytest.raises(OSError, match="full") as caught, new_file(tmp_path / "file"):
        raise OSError(28, "full", "its own")
    assert caught.value.filename == "its own"
    with pytest.raises(OSError, match="8 requested") as caught, new_file(tmp_path / "file"):
        raise OSError("8 requested and 2 written")
    assert caught.value.filename == str(tmp_path / "file")


def test_json_and_csv_have_one_form(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": 1, "a": 0.5})
    assert (tmp_path / "a.json").read_bytes() == b'{\n  "a": 0.5,\n  "b": 1\n}\n'
    write_table(tmp_path / "a.csv", {"x": [1, 2], "y": (0.5, "a,b")})
    assert (tmp_path / "a.csv").read_bytes() == b'x,y\n1,0.5\n2,"a,b"\n'
    with pytest.raises(ValueError, match="shorter"):
        write_table(tmp_path / "a.csv", {"x": [1, 2], "y": [1]})
    assert (tmp_path / "a.csv").read_bytes().startswith(b"x,y\n1,0.5")
