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
    """Returns the script and the project's files that it imports."""
    finder = Imports([str(ROOT)], excludes=excluded)
    finder.run_script(str(script))
    files = (vars(found)["__file__"] for found in finder.modules.values())
    return {*map(Path, filter(None, files))}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_all_code_that_it_reaches(name: str) -> None:
    needed = find_code(FOLDER / f"{name}.py")
    kept = {FOLDER / "__init__.py"}  # that of another folder only says what it is for
    if FOLDER / "classifiers" / "saved.py" in needed:
        # A model is imported by its name; what it trains with, only by `train`.
        others = () if name == "train" else ("stages.training",)
        needed = needed.union(*(find_code(model, *others) for model in MODELS))
        kept.add(FOLDER / "models" / "__init__.py")
    needed = kept.union(path for path in needed if path.name != "__init__.py")
    texts = [dep.replace("${train.", "{") for dep in STAGES[name]["deps"]]
    listed = [ROOT / text.format(**PARAMS) for text in texts if text.startswith("stages")]
    missing = {file for file in needed if not any(map(file.is_relative_to, listed))}
    assert not missing, f"dvc.yaml: add to deps of {name}, or its outputs get stale: {missing}"
    unused = [path for path in listed if not any(one.is_relative_to(path) for one in needed)]
    assert not unused, f"dvc.yaml: take out of deps of {name}: {unused}"
