"""What decides whether a worker gives the same bytes: `python -m stages.cluster.description`."""

import importlib
import json
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from stages.harness.errors import InputError, run
from stages.harness.outputs import sha256
from stages.harness.provenance import list_versions

CODE = Path("stages")
MENDS = {
    "machine": "use workers of one kind of machine and processor",
    "package": "install the same Python and requirements*.txt there",
    "code": "check out the same commit there",
}


def list_files() -> Iterator[Path]:
    """Lists the code and the templates, relative to the project's folder."""
    yield from sorted([*CODE.rglob("*.py"), *CODE.rglob("templates/*")])


def list_features() -> str:
    """Names the processor features for which NumPy has code of its own, and uses it."""
    core = importlib.import_module("numpy._core._multiarray_umath")  # no public name tells it
    known = [*core.__cpu_baseline__, *core.__cpu_dispatch__]
    return " ".join(sorted(name for name in known if core.__cpu_features__[name]))


def describe() -> dict[str, dict[str, str]]:
    """Describes machine, packages and code of the project in this folder.

    Raises:
        InputError: a package is not installed.
    """
    versions = {"Python": platform.python_version(), "distributed": version("distributed")}
    versions |= list_versions()  # first: it says what to install
    machine = {
        "system": platform.system(),
        "machine": platform.machine(),
        "processor features": list_features(),
    }
    code = {path.as_posix(): sha256(path) for path in list_files()}
    return {"machine": machine, "package": versions, "code": code}


Description = Mapping[str, Mapping[str, str]]


def compare(worker: str, here: Description, there: Description) -> None:
    """Compares this machine with a worker.

    Raises:
        InputError: they differ; the line names the first difference.
    """
    for kind, mend in MENDS.items():
        for name in sorted(here[kind].keys() | there[kind].keys()):
            ours, theirs = (side[kind].get(name, "nothing") for side in (here, there))
            if ours != theirs:
                what = f"{name} {theirs}, and here is {ours}" if kind != "code" else f"other {name}"
                raise InputError(f"worker {worker} has {what}; {mend}")


if __name__ == "__main__":
    run(lambda: print(json.dumps(describe())))
