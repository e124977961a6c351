"""A source that is a folder with train.csv and test.csv, as they are or in zip files."""

import errno
import shutil
import zipfile
from pathlib import Path, PurePosixPath

from stages.formats.arrays import SUMS
from stages.harness import paths
from stages.harness.errors import InputError

WANTED = ("train.csv", "test.csv")
# Kaggle's two files are 77 and 51 MB; rows of 784 three-digit numbers would be 220 MB.
MAX_BYTES = 1_000_000_000


def find(name: str) -> Path:
    """Returns the folder of the source `name`.

    Raises:
        InputError: there is no such folder; the text names those that there are.
    """
    path = paths.SOURCES / name
    if not path.is_dir():
        names = ", ".join(sorted(folder.name for folder in paths.SOURCES.glob("*/")))
        raise InputError(
            f"params.yaml: data.source: {name}: no folder {path.as_posix()}; there are {names}. "
            "For data of your own, make that folder: see data/README.md"
        )
    return path


def list_tables(source: Path) -> list[str]:
    """Lists the names of the CSV and zip files in the folder and below it."""
    return sorted(path.name for path in source.rglob("*") if path.suffix in (".csv", ".zip"))


def reject_unknown_files() -> None:
    """Rejects files in data/raw that `fetch` did not write, and that it would delete.

    Raises:
        InputError: there is one; the text says where it belongs.
    """
    for path in sorted(paths.RAW.glob("[!.]*")):
        if path.name not in (*WANTED, SUMS):
            raise InputError(
                f"{path}: expected only train.csv and test.csv there, which fetch writes: move it "
                f"to the folder of its source, such as {(paths.SOURCES / 'kaggle').as_posix()}, "
                "then run dvc add on it"
            )


def fetch(source: Path, raw: Path) -> None:
    """Copies train.csv and test.csv of `source` to `raw`; zip files count where there are none.

    Raises:
        InputError: one of the two is missing or there more than once; or see `_unpack`.
    """
    tables = [path for path in source.rglob("*.csv") if path.name in WANTED]
    for path in tables:
        shutil.copyfile(path, raw / path.name)
    found = [path.name for path in tables]
    if not found:
        found = [name for path in sorted(source.rglob("*.zip")) for name in _unpack(path, raw)]
    if sorted(found) != sorted(WANTED):
        held = ", ".join(list_tables(source)) or "no CSV and no zip file"
        raise InputError(
            f"{source}: holds {held}; expected train.csv and test.csv once each, as they are or in "
            f"zip files: copy them there, run dvc add {source.as_posix()}/<its name>, and commit"
        )


def _unpack(path: Path, raw: Path) -> list[str]:
    """Unpacks the wanted files of a zip file, in whatever folder of it; returns their names.

    Raises:
        InputError: it is damaged or encrypted, or unpacks to far more than it should.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            for entry in entries:
                entry.filename = PurePosixPath(entry.filename).name  # where it is unpacked to
            wanted = [entry for entry in entries if entry.filename in WANTED]
            if any(entry.file_size > MAX_BYTES for entry in wanted):
                raise ValueError(f"more than {MAX_BYTES:,} bytes")
            for entry in wanted:
                archive.extract(entry, raw)
            return [entry.filename for entry in wanted]
    except Exception as error:  # a damaged zip file raises errors of almost any type
        # A full disk is not the fault of the file; a place before its start (EINVAL) is.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise InputError(
            f"{path}: damaged, encrypted or too large ({error!s:.80}); download or copy it again"
        ) from None
