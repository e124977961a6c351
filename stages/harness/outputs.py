"""Outputs are whole or absent: written under a temporary name first, then renamed.

Beside those of a folder is the SHA-256 of each, which shows what has changed since.
"""

import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages.harness import dvc
from stages.harness.errors import MAKE_AGAIN, InputError
from stages.harness.paths import SUMS

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:  # importing pandas takes a quarter of a second
    import pandas as pd

PART = ".part"  # the suffix of the folder where an output is made; git ignores it


@contextmanager
def _new(path: Path, *, is_folder: bool) -> Iterator[Path]:
    """Yields a temporary path beside `path`, which no other process has at the same time.

    What a killed run left there is removed. A file or a link in its place may be the user's.
    """
    part = path.with_name(path.name + PART)
    new, old = part / path.name, part / f"{path.name}.old"
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        part.mkdir()
    if part.is_symlink() or not part.is_dir():
        raise FileExistsError(errno.EEXIST, "in the way of a new output", str(part))
    with ExitStack() as stack:
        if sys.platform != "win32":  # which opens no folder
            descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW)
            # The system releases the lock when this process ends, however it ends.
            stack.callback(os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                fault = "another process is making this output"
                raise BlockingIOError(errno.EAGAIN, fault, str(path)) from None
            except OSError:  # a disk without locks
                pass
        stack.callback(shutil.rmtree, part, ignore_errors=True)
        for left in part.iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        if is_folder:
            new.mkdir()
        yield new
        if dvc.is_orphan():  # the next run may have made `path` already
            raise ChildProcessError(errno.ECHILD, "DVC was killed while its stage ran", str(path))
        try:
            if is_folder and path.exists():  # no system replaces a folder that is not empty
                path.replace(old)
            new.replace(path)
        finally:
            if old.exists() and not path.exists():
                old.replace(path)


def new_file(path: Path) -> AbstractContextManager[Path]:
    """Yields a temporary path to write to. It becomes `path` if the block ends without error.

    Raises an OSError if another process makes this output, or DVC has been killed.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "not a file", str(path))
    return _new(path, is_folder=False)


def new_folder(path: Path) -> AbstractContextManager[Path]:
    """Yields an empty temporary folder. It replaces `path` if the block ends without error."""
    return _new(path, is_folder=True)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes `value` as JSON with sorted keys and the same line ends on every system."""
    with new_file(path) as part:
        text = json.dumps(value, indent=2, sort_keys=True) + "\n"
        part.write_text(text, encoding="utf-8", newline="\n")


def write_table(path: Path, table: "pd.DataFrame") -> None:
    """Writes a table as CSV, without its index, with the same line ends on every system."""
    with new_file(path) as part:
        table.to_csv(part, index=False, lineterminator="\n")


def list_files(path: Path) -> list[Path]:
    """Lists the files of a folder and of the folders in it, in order; of a file, itself."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def sha256(path: Path) -> str:
    """Returns a file's SHA-256 as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(folder: Path) -> None:
    """Writes the SHA-256 of each file of a folder, so that a reader notices a changed bit."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    lines = [f"{sha256(path)}  {path.name}\n" for path in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def read_sums(folder: Path) -> dict[str, str]:
    """Returns what `write_sums` wrote: the SHA-256 of each file, by its path."""
    text = (folder / SUMS).read_text(encoding="utf-8", errors="replace")
    lines = (line.partition("  ") for line in text.splitlines())
    return {(folder / name).as_posix(): digest for digest, _, name in lines}


def check_sum(path: Path) -> None:
    """Raises an InputError if a file has changed since it was written, an OSError if it is gone."""
    if sha256(path) != read_sums(path.parent).get(path.as_posix()):
        raise InputError(f"{path}: its SHA-256 is not that of {SUMS}; {MAKE_AGAIN}")
