"""DVC does not follow imports: each stage lists all code that it reaches, and no other."""

from modulefinder import ModuleFinder
from pathlib import Path

import pytest
import yaml

from tests.support.clone import ROOT

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_all_code_that_it_reaches(name: str) -> None:
    finder = ModuleFinder([str(ROOT)])
    finder.run_script(str(ROOT / "stages" / f"{name}.py"))
    files = (vars(found)["__file__"] for found in finder.modules.values())
    needed = {ROOT / "stages" / "__init__.py", *map(Path, filter(None, files))}
    listed = [ROOT / path for path in STAGES[name]["deps"] if path.startswith("stages")]
    # The `__init__.py` of a folder only says what it is for.
    missing = {file for file in needed if not any(map(file.is_relative_to, listed))}
    missing -= set((ROOT / "stages").glob("*/__init__.py"))
    assert not missing, f"dvc.yaml: add to deps of {name}, or its outputs get stale: {missing}"
    unused = [path for path in listed if not any(one.is_relative_to(path) for one in needed)]
    assert not unused, f"dvc.yaml: take out of deps of {name}: {unused}"
