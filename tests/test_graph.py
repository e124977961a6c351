"""The graph: each stage names all that it depends on."""

import ast

import pytest
import yaml

from tests.clone import ROOT


def imported(module: str) -> set[str]:
    """The modules of `stages` that a module reaches, itself among them."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / "stages" / f"{module}.py").read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "stages":
                found |= {alias.name for alias in node.names}
            elif node.module.startswith("stages."):
                found.add(node.module.removeprefix("stages."))
    return {module}.union(*(imported(name) for name in found))


STAGES = {
    name: stage
    for path in ("dvc.yaml", "data/dvc.yaml")
    for name, stage in yaml.safe_load((ROOT / path).read_text())["stages"].items()
}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_every_module_it_reaches(name: str) -> None:
    listed = {path for path in STAGES[name]["deps"] if path.endswith(".py")}
    module = STAGES[name]["cmd"].removeprefix("python -m stages.")
    assert listed == {f"stages/{found}.py" for found in imported(module) | {"__init__"}}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_says_what_it_does(name: str) -> None:
    assert len(STAGES[name]["desc"]) > 20


def test_the_report_lists_what_it_is_made_with() -> None:
    """Its template and style are no modules."""
    others = {path for path in (ROOT / "stages").iterdir() if path.suffix != ".py"}
    names = {f"stages/{path.name}" for path in others} - {"stages/__pycache__"}
    assert names == {"stages/figures.mplstyle", "stages/templates"}
    assert names <= set(STAGES["report"]["deps"])
