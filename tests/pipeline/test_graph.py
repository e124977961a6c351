"""The graph and the rooms: each stage lists all that it depends on, and rooms keep their order."""

import ast
from itertools import chain
from pathlib import Path

import pytest
import yaml

from tests.support.clone import ROOT

PIPELINE = (ROOT / "dvc.yaml").read_text()
STAGES = yaml.safe_load(PIPELINE)["stages"]
# A room may import from itself and from these.
ALLOWED: dict[str, set[str]] = {
    "harness": set(),
    "cluster": {"harness"},
    "formats": {"harness"},
    "sources": {"harness", "formats"},
    "classifiers": {"harness", "cluster", "formats"},
    "scoring": {"harness", "formats"},
    "training": {"harness", "cluster", "formats", "classifiers", "scoring"},
    "reporting": {"harness", "formats", "scoring"},
}
MODULES = [path for top in ("stages", "tools") for path in (ROOT / top).rglob("*.py")]


def imports(path: Path) -> set[Path]:
    """The project's modules that a module imports, anywhere in it, by their files."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    files = (ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in names)
    return {file for file in files if file.exists()}


def reached(path: Path) -> set[Path]:
    """The modules that a module needs, directly or not, itself among them."""
    todo, done = {path}, set[Path]()
    while todo:
        done |= todo
        todo = set(chain.from_iterable(map(imports, todo))) - done
    return done


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_all_code_that_it_reaches(name: str) -> None:
    listed = [ROOT / path for path in STAGES[name]["deps"] if path.startswith("stages")]
    assert ROOT / "stages" / "__init__.py" in listed
    needed = reached(ROOT / "stages" / f"{name}.py")
    covered = {path: {one for one in needed if one.is_relative_to(path)} for path in listed}
    assert needed == set(chain.from_iterable(covered.values())) - {ROOT / "stages/__init__.py"}
    unused = [path for path, modules in covered.items() if not modules]
    assert unused in ([], [ROOT / "stages" / "__init__.py"])


def test_the_pipeline_is_what_is_in_stages() -> None:
    files = {path.stem for path in (ROOT / "stages").glob("*.py")} - {"__init__"}
    assert files == set(STAGES)
    assert len(PIPELINE.splitlines()) <= 250
    for name, stage in STAGES.items():
        assert stage["cmd"] == f"python -m stages.{name}"
        assert len(stage["desc"]) > 20


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_from_the_rooms_below_it(room: str) -> None:
    folder = ROOT / "stages" / room
    others = {path for module in folder.rglob("*.py") for path in imports(module)}
    rooms = {path.relative_to(ROOT / "stages").parts[0] for path in others}
    assert rooms <= ALLOWED[room] | {room}


def test_nothing_in_stages_uses_a_tool() -> None:
    stages = [path for path in MODULES if path.is_relative_to(ROOT / "stages")]
    needed = chain.from_iterable(map(imports, stages))
    assert {path.relative_to(ROOT).parts[0] for path in needed} == {"stages"}


def test_every_room_says_what_it_is_for() -> None:
    rooms = [*(ROOT / "stages").glob("*/__init__.py"), ROOT / "tools" / "recognize" / "__init__.py"]
    assert {path.parent.name for path in rooms} == {*ALLOWED, "recognize"}
    for path in rooms:
        assert len(ast.get_docstring(ast.parse(path.read_text())) or "") > 100, path
