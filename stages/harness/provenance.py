"""What outputs were made from and with: hashes of files and versions of packages."""

import platform
import re
import tomllib
from collections.abc import Callable, Iterable
from contextlib import chdir, suppress
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

    Raises an InputError if one is not installed.
    """
    packages = _parse(PYPROJECT, lambda text: tomllib.loads(text)["project"]["dependencies"])
    try:
        return {package.name: _find(package.name) for package in packages}
    except PackageNotFoundError as error:
        fix = "run make repro, or pip install -r requirements.txt"
        raise InputError(f"{error.name}: not installed; {fix}") from None


def _find(name: str) -> str:
    with suppress(PackageNotFoundError):
        return version(name)
    return version(name.removesuffix("-cpu"))  # the build of TensorFlow for a GPU


def list_unpinned() -> list[str]:
    """Lists the packages whose version is not that of requirements.txt, with both versions."""
    unpinned = []
    for package in _parse(REQUIREMENTS, lambda text: re.findall(r"^(.*==.*?)[ \\]*$", text, re.M)):
        installed = "missing"
        with suppress(PackageNotFoundError):
            installed = version(package.name)
        if str(package.specifier) != f"=={installed}":
            unpinned.append(f"{package.name} {installed} (pinned: {package.specifier})")
    return unpinned


def _parse(path: Path, find: Callable[[str], list[str]]) -> list[Requirement]:
    """Returns the packages that this system needs, of those that `find` finds in a text file."""
    try:
        packages = map(Requirement, find(path.read_text(encoding="utf-8")))
        return [each for each in packages if each.marker is None or each.marker.evaluate()]
    except (ValueError, LookupError) as error:  # TOML's error is a ValueError
        fault = f"{type(error).__name__}: {error!s:.160}"
        raise InputError(f"{path}: damaged: {fault}; restore it: git restore {path}") from None


def describe_computation() -> dict[str, str]:
    """Returns, by name, what decides an output's bytes besides its inputs; see `list_versions`.

    These are the packages, the code, and the processor features that NumPy uses.
    """
    import numpy as np  # `check` need not wait for it

    features = np.show_config("dicts")["SIMD Extensions"]
    used = [platform.system(), *features["baseline"], *features.get("found", [])]
    with chdir(Path(__file__).parents[2]):  # the project
        packages = {"Python": platform.python_version()} | list_versions()
        return packages | hash_files(Path("stages").rglob("*.py")) | {"processor": " ".join(used)}
