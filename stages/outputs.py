"""Writing outputs whole or not at all: under a temporary name first, then renamed."""

import csv
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PART = ".part"  # ending of an unfinished output; git ignores it


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Gives a temporary path to write to, which becomes `path` if the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + PART)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Gives an empty temporary folder to fill, which replaces `path` if the block ends well."""
    part = path.with_name(path.name + PART)
    shutil.rmtree(part, ignore_errors=True)  # left by a run that was killed
    part.mkdir(parents=True)
    try:
        yield part
        shutil.rmtree(path, ignore_errors=True)
        part.replace(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


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
