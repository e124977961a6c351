"""The lists of packages agree, and each way to install them ends where the README says."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages.harness import paths
from tests.support.clone import ROOT, Clone, ran

UV = str(Path(sys.executable).with_name("uv"))
PYTHON = (ROOT / ".python-version").read_text().strip()


def test_the_lock_and_what_is_exported_from_it_are_up_to_date(tmp_path: Path) -> None:
    """If not: `make requirements`."""
    for name in ("pyproject.toml", "uv.lock", ".python-version"):
        shutil.copy(ROOT / name, tmp_path)
    for path in ("requirements.txt", "tools/uv.txt"):
        header = (ROOT / path).read_text().splitlines()[1].removeprefix("#").split()
        (tmp_path / path).parent.mkdir(exist_ok=True)
        subprocess.run([UV, *header[1:]], cwd=tmp_path, check=True)
        assert (tmp_path / path).read_text() == (ROOT / path).read_text()
    subprocess.run([UV, "lock", "--check", "--offline"], cwd=tmp_path, check=True)


def test_one_python_everywhere() -> None:
    """For another one, change .python-version and the Dockerfile, and record the outputs anew."""
    assert f"\nFROM python:{PYTHON}." in (ROOT / "Dockerfile").read_text()
    assert json.loads((ROOT / paths.ENVIRONMENT).read_text())["python"].startswith(f"{PYTHON}.")


KINDS = {"link": "uv = 0.1\n", "of another tool": "version = 3.11.7\n", "folder": ""}


@pytest.fixture
def project(tmp_path: Path) -> Clone:
    """A folder with the Makefile and an empty lock."""
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "uv.lock").touch()
    return Clone(folder)


@pytest.mark.parametrize("target", [".venv/installed", "clean"])
@pytest.mark.parametrize("kind", KINDS)
def test_make_leaves_the_environment_of_another_alone(
    project: Clone, tmp_path: Path, kind: str, target: str
) -> None:
    folder = tmp_path / "elsewhere" if kind == "link" else project.folder / ".venv"
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text(KINDS[kind])
    if kind == "link":
        (project.folder / ".venv").symlink_to(folder)
    printed = project.run("make", target, f"UV={shutil.which('true')}", status=2)
    assert printed.startswith("error: .venv is not uv's: move it")
    assert [path.name for path in (project.folder / ".venv").iterdir()] == ["pyvenv.cfg"]


def test_make_keeps_what_it_finds_in_an_environment_of_uv(project: Clone) -> None:
    python = project.folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    (project.folder / ".venv" / "pyvenv.cfg").write_text("home = /usr\nuv = 0.1\n")
    printed = project.run("make", ".venv/installed", f"UV={shutil.which('echo')}")
    synced = printed.splitlines()[-1]
    assert "-p.venv/bin/python" in synced  # else uv deletes one of another Python
    assert "--inexact" in synced  # else uv deletes packages


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("start", ["uv run ", "python3 -m venv "])
def test_a_way_without_make_gives_the_committed_outputs(start: str, tmp_path: Path) -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    [way] = [line for line in lines if line.startswith(start)]
    clone = Clone.of_project(tmp_path / "clone")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(UV)
    # Nothing of the environment that runs this, except uv.
    own = str(Path(sys.executable).parent)
    others = [folder for folder in os.environ["PATH"].split(os.pathsep) if folder != own]
    clone.env["PATH"] = os.pathsep.join((str(tmp_path / "bin"), *others))
    clone.env.pop("VIRTUAL_ENV", None)
    printed = clone.run("bash", "-ec", way)
    assert ran(printed) == ["fetch", "preprocess", "split", "train"]
    assert (clone.folder / ".venv" / "bin" / "dvc").exists()
    assert clone.changes() == ""
    shutil.rmtree(clone.folder)  # 2 GB
