"""Writing outputs whole or not at all: under a temporary name first, then renamed."""

import csv
import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PART = ".part"  # ending of an unfinished output; git ignores it


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Gives a temporary path to write to, which becomes `path` if the block ends well."""
    part = path.with_name(path.name + PART)
    with _named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Gives an empty temporary folder to fill, which replaces `path` if the block ends well."""
    part, old = path.with_name(path.name + PART), path.with_name(f"{path.name}.old{PART}")
    with _named(path):
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        for left in (part, old):  # by a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            yield part
            if path.exists():
                path.replace(old)
            part.replace(path)
        finally:
            for left in (part, old):
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Puts the output's name into an error of the system that names none, as a full disk's."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # NumPy's and HDF5's, that they could not write all
            raise OSError(errno.ENOSPC, f"not written whole: {error!s:.60}", str(path)) from None
        error.filename = error.filename or str(path)
        raise


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes `value` in a form that depends on nothing but `value`."""
    with new_file(path) as part:
        part.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def write_table(path: Path, columns: Mapping[str, Iterable[Any]]) -> None:
    """Writes columns of equal length as CSV, with the same line ends on every system."""
    with new_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
