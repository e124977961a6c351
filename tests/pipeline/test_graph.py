"""DVC does not follow imports: each stage lists all code that it reaches, and no other."""

from io import BytesIO
from modulefinder import ModuleFinder
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.clone import ROOT

PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())["train"]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
FOLDER = ROOT / "stages"
MODELS = [FOLDER / "models" / f"{PARAMS[key]}.py" for key in ("model", "partner")]


class Imports(ModuleFinder):
    """Finds what is imported when a script runs, also in functions; not what only mypy reads."""

    def load_module(self, name: str, file: Any, path: str, kind: Any) -> Any:
        source: Any = file and BytesIO(file.read().replace(b"if TYPE_CHECKING:", b"if False:"))
        return super().load_module(name, source, path, kind)


def find_code(script: Path, *excluded: str) -> set[Path]:
    """Returns the script and the files that it imports; an `__init__.py` is only a docstring."""
    finder = Imports([str(ROOT)], excludes=excluded)
    finder.run_script(str(script))
    files = (vars(found)["__file__"] for found in finder.modules.values())
    return {path for path in map(Path, filter(None, files)) if path.name != "__init__.py"}


def find_by_name(stage: str, code: set[Path]) -> set[Path]:
    """Returns the files that a stage imports by a name that it reads."""
    if stage == "check":  # the bounds of every model's parameters
        return {*(FOLDER / "models").glob("*.py")}
    if stage == "report":  # the description of the model
        return {FOLDER / "models" / "__init__.py", MODELS[0]}
    if stage == "fetch":
        return set().union(*map(find_code, (FOLDER / "sources").glob("*.py")))
    if FOLDER / "classifiers" / "saved.py" not in code:
        return set()
    # What a model trains with is imported only by `train`.
    others = () if stage == "train" else ("stages.training",)
    found = set().union(*(find_code(model, *others) for model in MODELS))
    return found | {FOLDER / "models" / "__init__.py"}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_all_code_that_it_reaches(name: str) -> None:
    code = find_code(FOLDER / f"{name}.py")
    needed = {FOLDER / "__init__.py"} | code | find_by_name(name, code)
    texts = [dep.replace("${train.", "{") for dep in STAGES[name]["deps"]]
    listed = [ROOT / text.format(**PARAMS) for text in texts if text.startswith("stages")]
    missing = {file for file in needed if not any(map(file.is_relative_to, listed))}
    assert not missing, f"dvc.yaml: add to deps of {name}, or its outputs get stale: {missing}"
    assert "requirements.txt" in texts  # packages compute too
    unused = [path for path in listed if not any(one.is_relative_to(path) for one in needed)]
    assert not unused, f"dvc.yaml: take out of deps of {name}: {unused}"
