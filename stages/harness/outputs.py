"""Outputs are whole or absent: written under a temporary name first, then renamed."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages.harness import paths

if TYPE_CHECKING:  # importing pandas takes a quarter of a second
    import pandas as pd

PART = ".part"  # ending of an unfinished output; git ignores it


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Gives a temporary path to write to. It becomes `path` if the block ends without error."""
    part = path.with_name(path.name + PART)
    with _name_in_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Gives an empty temporary folder. It replaces `path` if the block ends without error."""
    part, old = path.with_name(path.name + PART), path.with_name(f"{path.name}.old{PART}")
    with _name_in_errors(path):
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        for leftover in (part, old):  # of a run that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            yield part
            if path.exists():  # no system replaces a folder that is not empty
                path.replace(old)
            part.replace(path)
        finally:
            if old.exists() and not path.exists():  # Windows, if a program has a file of it open
                old.replace(path)
            for leftover in (part, old):
                shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def _name_in_errors(path: Path) -> Iterator[None]:
    """Adds the output's name to an OSError that has none, such as "No space left on device"."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # from NumPy or HDF5, when they could not write everything
            raise OSError(errno.ENOSPC, f"not written whole: {error!s:.60}", str(path)) from None
        error.filename = error.filename or str(path)
        raise


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes `value` as JSON with sorted keys and the same line ends on every system."""
    with new_file(path) as part:
        text = json.dumps(value, indent=2, sort_keys=True) + "\n"
        part.write_text(text, encoding="utf-8", newline="\n")


def write_table(path: Path, table: "pd.DataFrame") -> None:
    """Writes a table as CSV, without its index, with the same line ends on every system."""
    with new_file(path) as part:
        table.to_csv(part, index=False, lineterminator="\n")


def touch_tracked() -> None:
    """Gives what git tracks and a run changes another time, so that git looks at it again.

    A `dvc exp run` that fails leaves git's index wrong: DVC's git library writes HEAD's files and
    then yours within a second, and git, which compares whole seconds, takes a file of the same
    size for unchanged; `git commit -a` would commit the old one.
    """
    changed = [paths.PARAMS, Path("dvc.lock"), paths.SUBMISSION, *paths.METRICS.rglob("*")]
    for path in changed:
        with suppress(OSError):  # somebody else's file, or a disk that is read only
            if path.is_file() and not path.is_symlink():  # a cluster's task has links to yours
                status = path.stat()
                os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def list_files(path: Path) -> list[Path]:
    """Lists the files of a folder and of the folders in it, in order; of a file, itself."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def sha256(path: Path) -> str:
    """Gives a file's SHA-256 as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
