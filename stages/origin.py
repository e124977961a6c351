"""What outputs were made from and with: digests of files, versions of packages."""

from collections.abc import Iterable
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

REQUIREMENTS = Path("requirements.in")


def digests(paths: Iterable[Path]) -> dict[str, str]:
    """The SHA-256 of each file, of each in a folder, by its path."""
    files = [file for path in paths for file in (path.iterdir() if path.is_dir() else [path])]
    found = {}
    for path in sorted(files):
        with path.open("rb") as file:
            found[path.as_posix()] = file_digest(file, "sha256").hexdigest()
    return found


def versions() -> dict[str, str]:
    """The installed version of each package that `requirements.in` names."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line.partition("#")[0]) for line in lines if line[:1] not in ("", "#")]
    return {package.name: version(package.name) for package in wanted}
