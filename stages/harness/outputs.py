"""Outputs are whole or absent: written under a temporary name first, then renamed."""

import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages.harness import orphans, paths

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:  # importing pandas takes a quarter of a second
    import pandas as pd

PART = ".part"  # the suffix of the folder where an output is made; git ignores it


@contextmanager
def _part_folder(path: Path) -> Iterator[Path]:
    """Yields an empty folder beside `path`, which no other process has at the same time.

    What a killed run left in it is removed. A file or a link of its name may be the user's.
    """
    part = path.with_name(path.name + PART)
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        part.mkdir()
    if part.is_symlink() or not part.is_dir():
        raise FileExistsError(errno.EEXIST, "in the way of a new output", str(part))
    with _locked(part):
        try:
            for left in part.iterdir():
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds a lock on a folder. The system releases it when this process ends, however it ends."""
    if sys.platform == "win32":  # which opens no folder
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fault = "another process is making this output"
            raise BlockingIOError(errno.EAGAIN, fault, str(folder.with_suffix(""))) from None
        except OSError:  # a disk without locks
            pass
        yield
    finally:
        os.close(descriptor)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yields a temporary path to write to. It becomes `path` if the block ends without error.

    Raises an OSError if another process makes this output, or DVC has been killed.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "not a file", str(path))
    with _part_folder(path) as part:
        yield part / path.name
        orphans.refuse(path)
        (part / path.name).replace(path)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yields an empty temporary folder. It replaces `path` if the block ends without error."""
    with _part_folder(path) as part:
        (part / "new").mkdir()
        yield part / "new"
        orphans.refuse(path)
        try:
            if path.exists():  # no system replaces a folder that is not empty
                path.replace(part / "old")
            (part / "new").replace(path)
        finally:
            if (part / "old").exists() and not path.exists():
                (part / "old").replace(path)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes `value` as JSON with sorted keys and the same line ends on every system."""
    with new_file(path) as part:
        text = json.dumps(value, indent=2, sort_keys=True) + "\n"
        part.write_text(text, encoding="utf-8", newline="\n")


def write_table(path: Path, table: "pd.DataFrame") -> None:
    """Writes a table as CSV, without its index, with the same line ends on every system."""
    with new_file(path) as part:
        table.to_csv(part, index=False, lineterminator="\n")


def read_lines(path: Path) -> list[str]:
    """Returns the lines of a text file; none if there is no such file."""
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


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
