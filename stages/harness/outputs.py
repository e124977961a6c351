"""Outputs are whole or absent: written under a temporary name first, then renamed."""

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

PART = ".part"  # the suffix of an unfinished output; git ignores it


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yields a temporary path to write to. It becomes `path` if the block ends without error."""
    part = path.with_name(path.name + PART)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yields an empty temporary folder. It replaces `path` if the block ends without error."""
    part = path.with_name(path.name + PART)
    shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
    (part / "new").mkdir(parents=True)
    try:
        yield part / "new"
        if path.exists():  # no system replaces a folder that is not empty
            path.replace(part / "old")
        (part / "new").replace(path)
    finally:
        if (part / "old").exists() and not path.exists():
            (part / "old").replace(path)
        shutil.rmtree(part, ignore_errors=True)


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
    """Changes the time of each file that git tracks and a run changes, so that git reads it again.

    If `dvc exp run` fails, git's index is wrong: DVC's git library writes HEAD's files and then
    yours within a second, and git, which compares whole seconds, takes a file of the same size
    for unchanged; `git commit -a` would commit the old one.
    """
    for path in (paths.PARAMS, Path("dvc.lock"), paths.SUBMISSION, *paths.METRICS.rglob("*")):
        with suppress(OSError):  # missing, somebody else's, or on a disk that is read only
            status = path.stat()
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def list_files(path: Path) -> list[Path]:
    """Lists the files of a folder and of the folders in it, in order; of a file, itself."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def sha256(path: Path) -> str:
    """Returns a file's SHA-256 as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
