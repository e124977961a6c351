"""What outputs were made from and with: hashes of files and versions of packages."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from stages.harness.errors import InputError
from stages.harness.outputs import list_files, sha256
from stages.harness.paths import REQUIREMENTS


def hash_files(paths: Iterable[Path]) -> dict[str, str]:
    """Gives the SHA-256 of each file, and of each file below a folder, by its path."""
    files = [file for path in paths for file in list_files(path)]
    return {path.as_posix(): sha256(path) for path in sorted(files)}


def list_versions() -> dict[str, str]:
    """Gives the installed version of each package that `requirements.in` names for this system.

    Raises:
        InputError: a package is not installed.
    """
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    packages = [Requirement(line.partition("#")[0]) for line in lines if line[:1] not in ("", "#")]
    here = [package for package in packages if not package.marker or package.marker.evaluate()]
    try:
        return {package.name: version(package.name) for package in here}
    except PackageNotFoundError as error:
        raise InputError(f"{error.name}: not installed; install requirements.txt") from None
