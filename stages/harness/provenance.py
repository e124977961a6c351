"""What outputs were made from and with: hashes of files and versions of packages."""

import platform
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import chdir, contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from stages.harness.errors import InputError
from stages.harness.outputs import list_files, sha256
from stages.harness.paths import PYPROJECT, REQUIREMENTS


def hash_files(paths: Iterable[Path]) -> dict[str, str]:
    """Returns the SHA-256 of each file, and of each file below a folder, by its path."""
    files = [file for path in paths for file in list_files(path)]
    return {path.as_posix(): sha256(path) for path in sorted(files)}


def list_versions() -> dict[str, str]:
    """Returns the installed version of each package that `pyproject.toml` names for this system.

    Raises:
        InputError: a package is not installed.
    """
    with _reading(PYPROJECT):
        project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
        packages = [*filter(_is_needed, map(Requirement, project["dependencies"]))]
    try:
        return {package.name: version(package.name) for package in packages}
    except PackageNotFoundError as error:
        raise InputError(
            f"{error.name}: not installed; run make repro, or pip install -r requirements.txt"
        ) from None


def list_unpinned() -> list[str]:
    """Lists the packages whose version is not that of requirements.txt, with both versions."""
    with _reading(REQUIREMENTS):
        lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
        packages = [Requirement(line.rstrip("\\ ")) for line in lines if "==" in line]
    unpinned = []
    for package in filter(_is_needed, packages):
        try:
            installed = version(package.name)
        except PackageNotFoundError:
            installed = "missing"
        if str(package.specifier) != f"=={installed}":
            unpinned.append(f"{package.name} {installed} (pinned: {package.specifier})")
    return unpinned


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, LookupError) as error:  # TOML's error is a ValueError
        fault = f"{type(error).__name__}: {error!s:.160}"
        raise InputError(f"{path}: damaged: {fault}; restore it: git restore {path}") from None


def _is_needed(package: Requirement) -> bool:
    return package.marker is None or package.marker.evaluate()


def describe_computation() -> dict[str, str]:
    """Returns, by name, what decides an output's bytes besides its inputs.

    These are the packages, the code, and the processor features that NumPy uses.

    Raises:
        InputError: a package is not installed.
    """
    core = import_module("numpy._core._multiarray_umath")  # no public name has the features
    known = [*core.__cpu_baseline__, *core.__cpu_dispatch__]
    used = [platform.system(), *(name for name in known if core.__cpu_features__[name])]
    with chdir(Path(__file__).parents[2]):  # the project
        packages = {"Python": platform.python_version()} | list_versions()
        return packages | hash_files(Path("stages").rglob("*.py")) | {"processor": " ".join(used)}
