"""Whatever a user leaves in the folder or types: a stage or a tool ends well, or in one line."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.clone import ALL, ROOT, Clone
from tests.support.workplace import Workplace, check_refusal

TOOLS = ("verify", "repair", "leaderboard", "cluster", "classify", "recognize", "draw")
ENTRIES = [*(f"stages.{name}" for name in (*ALL, "classifiers.chunks"))]
ENTRIES += [f"tools.{name}" for name in TOOLS]


TYPED: list[str | bytes] = ["--nonsense", b"\xff\xfe", "/dev/null", "x" * 5000, "."]


@pytest.mark.slow
@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize(
    "typed", ["", *(pytest.param(it, marks=pytest.mark.nightly) for it in TYPED)]
)
def test_in_a_folder_without_a_project(name: str, typed: str | bytes, tmp_path: Path) -> None:
    """Neither parameters nor data nor git; and what is typed is not what is expected."""
    (tmp_path / "params.yaml").mkdir()
    words: list[str | bytes] = [sys.executable, "-m", name, typed]
    env = {"PYTHONPATH": str(ROOT), "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    env = Clone(ROOT).env | env
    end = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, timeout=60, check=False)
    said = end.stderr.decode()
    assert "Traceback" not in said
    if end.returncode:
        assert re.search(r"error: .+\s*$", said), said
        assert said.count("error: ") == 1, said


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(bytes(range(256)) * 4),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "a folder": make_folder,
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
}


@pytest.mark.nightly
@pytest.mark.parametrize("damage", DAMAGES)
def test_each_stage_with_each_file_damaged(with_classifier: Workplace, damage: str) -> None:
    """All but `train`, whose files `evaluate` reads too."""
    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, with_classifier.folder)
    Path("data/sources/mnist_5k").mkdir(parents=True)
    for stage in ("fetch", "predict", "evaluate", "report", "record"):
        assert with_classifier.run(stage) == (0, "")
    whole = with_classifier.files()
    for name in sorted(whole):
        if whole[name] == b"folder":
            continue
        for stage in (name for name in ALL if name != "train"):
            path = Path(name)
            DAMAGES[damage](path)
            status, said = with_classifier.run(stage)
            if status:
                check_refusal(status, said)
            restore(with_classifier, whole)


def restore(place: Workplace, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = place.folder / name
        if content == b"folder":
            path.mkdir(exist_ok=True)
        elif not path.is_file() or path.read_bytes() != content:
            if path.is_dir():
                shutil.rmtree(path)
            path.write_bytes(content)
