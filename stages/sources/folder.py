"""A source that is a folder with train.csv and test.csv, as they are or in zip files."""

import difflib
import errno
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from stages.harness import paths
from stages.harness.errors import InputError

WANTED = ("train.csv", "test.csv")
MISPLACED = (Path(), Path("data"), paths.SOURCES)  # where a user may have left a source's zip file
# Kaggle's two files are 77 and 51 MB; rows of 784 three-digit numbers would be 220 MB.
MAX_BYTES = 1_000_000_000

Place = tuple[Path, str | None]  # a file, and the entry within it if it is a zip file


def find(name: str) -> Path:
    """Returns the folder of the source `name`.

    Raises:
        InputError: there is no such folder; the text names the nearest one.
    """
    path = paths.SOURCES / name
    if path.is_dir():
        return path
    names = sorted(folder.name for folder in paths.SOURCES.glob("*/"))
    nearest = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {nearest[0]}" if nearest else f"there are {', '.join(names)}"
    raise InputError(
        f"params.yaml: data.source: {name}: no folder {path.as_posix()}; {hint}? "
        "For data of your own, make that folder: see data/README.md"
    )


def list_files(source: Path) -> list[str]:
    """Lists the names of the CSV and zip files in the folder."""
    return sorted(path.name for path in source.iterdir() if path.suffix in (".csv", ".zip"))


def holds_tables(source: Path) -> bool:
    """Returns whether there are CSV or zip files, or the wanted ones in a folder of the folder."""
    return bool(list_files(source)) or any(any(source.glob(f"*/{name}")) for name in WANTED)


def reject_unknown_files() -> None:
    """Rejects files in data/raw that `fetch` did not write, and that it would delete.

    Raises:
        InputError: there is one; the text says where it belongs.
    """
    for path in sorted(paths.RAW.glob("[!.]*")):
        if path.name not in WANTED:
            raise InputError(
                f"{path}: expected only train.csv and test.csv there, which fetch writes: move it "
                f"to the folder of its source, such as {(paths.SOURCES / 'kaggle').as_posix()}, "
                "then run dvc add on it"
            )


def fetch(source: Path, raw: Path) -> None:
    """Copies train.csv and test.csv of `source` to the folder `raw`.

    Raises:
        InputError: one of the two is missing or there more than once, or a zip file is damaged
            or encrypted, or unpacks to far more than it should.
    """
    for name in WANTED:
        places = _find_places(source, name)
        if len(places) != 1:
            raise InputError(_describe_missing(source, name, places))
        _copy(*places[0], raw / name)


def _find_places(source: Path, name: str) -> list[Place]:
    """Lists where a file is in the folder; if it is there as it is, zip files do not count."""
    if (source / name).is_file():
        return [(source / name, None)]
    places: list[Place] = []
    for path in sorted(source.glob("*.zip")):
        with _open_zip(path) as archive:
            entries = archive.namelist()
        places += [(path, entry) for entry in entries if PurePosixPath(entry).name == name]
    return places


def _copy(path: Path, entry: str | None, target: Path) -> None:
    if entry is None:
        shutil.copyfile(path, target)
        return
    with _open_zip(path) as archive:
        if (size := archive.getinfo(entry).file_size) > MAX_BYTES:
            raise InputError(
                f"{path}: {entry} unpacks to {size:,} bytes; expected at most {MAX_BYTES:,}"
            )
        with archive.open(entry) as packed, target.open("wb") as file:
            shutil.copyfileobj(packed, file, 1 << 20)


@contextmanager
def _open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except InputError:
        raise
    except Exception as error:  # a damaged zip file raises errors of almost any type
        # A full disk is not the fault of the file; a place before its start (EINVAL) is.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise InputError(
            f"{path}: damaged or encrypted ({error!s:.80}); download or copy it again"
        ) from None


def _describe_missing(source: Path, name: str, places: list[Place]) -> str:
    """Describes which file is missing, or where it is twice."""
    if places:
        where = ", ".join(f"{path.name}/{entry}" for path, entry in places)
        return f"{source}: {name} is there more than once ({where}); keep one"
    folder, found = source.as_posix(), list_files(source)
    if nested := sorted(source.glob(f"*/{name}")):
        inner = nested[0].parent.as_posix()
        fix = f"move the files up from {inner}, then run dvc add {folder}/*.csv"
        return f"{nested[0]}: expected in {folder}: {fix}"
    holds = f"holds {', '.join(found)} but no {name}" if found else "holds no CSV and no zip file"
    card = f"see {folder}/README.md; " if (source / "README.md").exists() else ""
    misplaced = [path.as_posix() for place in MISPLACED for path in sorted(place.glob("*.zip"))]
    fix = f"move {misplaced[0]} there" if misplaced and not found else "copy it there"
    return (
        f"{source}: {holds}; expected train.csv and test.csv, or a zip file that holds both: "
        f"{card}{fix}, then run dvc add {folder}/<its name>; a queued experiment sees only what "
        "is added and committed"
    )
