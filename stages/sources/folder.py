"""A source that is a folder with train.csv and test.csv, as they are or in zip files."""

import errno
import os
import re
import shutil
import zipfile
from pathlib import Path, PurePosixPath

from stages.harness import paths
from stages.harness.errors import InputError

WANTED = ("train.csv", "test.csv")
FETCHED = re.compile(r"(train|test)(\.csv|\.npy|_labels\.npy|_files\.csv)")
# What data comes in; the first two are read, the others named.
TABLES = (".csv", ".zip", ".gz", ".tar", ".tgz", ".7z", ".rar", ".tsv", ".xlsx", ".parquet", ".txt")
# Kaggle's two files are 77 and 51 MB; rows of 784 three-digit numbers would be 220 MB.
MAX_BYTES = 1_000_000_000


def find(name: str) -> Path:
    """Returns the folder of a source.

    Raises an InputError if there is none, or if something in it cannot be read to its end.
    """
    path = paths.SOURCES / name
    if not path.is_dir():
        if (kept := Path(os.environ.get("DVC_ROOT", ""), path)).is_dir():  # in `dvc exp run --temp`
            fault = "neither git nor DVC tracks it, so this copy of the project lacks it"
            fix = "run dvc add on what is in it, and commit; or run the experiment without --temp"
            raise InputError(f"{kept}: {fault}: {fix}")
        names = ", ".join(sorted(folder.name for folder in paths.SOURCES.glob("*/")))
        fault = f"{name}: no folder {path.as_posix()}; there are {names}"
        fix = "For data of your own, make that folder: see data/README.md"
        raise InputError(f"params.yaml: data.source: {fault}. {fix}")
    for each in path.rglob("*"):
        if not (each.is_file() or each.is_dir()):
            fault = "a link that leads nowhere, a pipe or a device"
            raise InputError(f"{each}: {fault}; remove it, or put the file itself there")
    return path


def list_tables(source: Path) -> list[Path]:
    """Lists the files of data in the folder and below it, of all kinds in `TABLES`."""
    files = (path for path in source.rglob("*") if path.suffix.lower() in TABLES)
    return sorted(path for path in files if not path.parent.name.startswith("."))


def refuse_unknown_files() -> None:
    """Raises an InputError for a file in data/raw that `fetch` did not write, and would delete."""
    for path in sorted(paths.RAW.glob("[!.]*")):
        if not FETCHED.fullmatch(path.name) and path.name not in (paths.SUMS, paths.TASK.name):
            fault = f"{path}: expected only what fetch writes there, such as train.csv"
            example = (paths.SOURCES / "kaggle").as_posix()
            fix = f"move it to the folder of its source, such as {example}, then run dvc add on it"
            raise InputError(f"{fault}: {fix}")


def fetch(source: Path, raw: Path) -> None:
    """Copies train.csv and test.csv of `source` to `raw`; zip files are read for what is missing.

    Raises an InputError if one of the two is missing or there more than once, and as `_unpack`.
    """
    files = list_tables(source)
    tables = [path for path in files if path.name.lower() in WANTED]
    for path in tables:
        shutil.copyfile(path, raw / path.name.lower())
    found = [path.name.lower() for path in tables]
    missing, held = set(WANTED).difference(found), dict.fromkeys(files, "")
    for path in (path for path in files if missing and path.suffix.lower() == ".zip"):
        names, unpacked = _unpack(path, missing, raw)
        held[path] = f" ({', '.join(names[:5] + ['...'] * (len(names) > 5))})"
        found += unpacked
    if sorted(found) != sorted(WANTED):
        shown = [f"{path.relative_to(source).as_posix()}{held[path]}" for path in files[:9]]
        raise InputError(
            f"{source}: holds {', '.join(shown) or 'no CSV and no zip file'}; expected train.csv "
            "and test.csv once each, as they are or in zip files: rename the two files so, unpack "
            f"what is packed otherwise, run dvc add {source.as_posix()}/<its name>, and commit; or "
            "expected a folder of pictures for each class"
        )


def _unpack(path: Path, missing: set[str], raw: Path) -> tuple[list[str], list[str]]:
    """Unpacks the missing files of a zip file, in whatever folder of it.

    Returns the names of all files in it, and of those that were unpacked. Raises an InputError if
    it is damaged or encrypted, or unpacks to far more than it should.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            names = [entry.filename for entry in entries]
            for entry in entries:  # where it is unpacked to
                entry.filename = PurePosixPath(entry.filename).name.lower()
            wanted = [entry for entry in entries if entry.filename in missing]
            if any(entry.file_size > MAX_BYTES for entry in wanted):
                raise ValueError(f"more than {MAX_BYTES:,} bytes")
            for entry in wanted:
                archive.extract(entry, raw)
            return names, [entry.filename for entry in wanted]
    except Exception as error:  # a damaged zip file raises errors of almost any type
        # A full disk is not the fault of the file; a place before its start (EINVAL) is.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        fault = f"damaged, encrypted or too large ({error!s:.80})"
        raise InputError(f"{path}: {fault}; download or copy it again") from None
