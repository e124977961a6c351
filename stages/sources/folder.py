"""A source that is a folder with train.csv and test.csv, as they are or in zip files."""

import difflib
import errno
import lzma
import shutil
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from stages.harness import paths
from stages.harness.errors import InputError

WANTED = ("train.csv", "test.csv")
ASTRAY = (Path(), Path("data"), paths.SOURCES)  # where a zip file may lie that belongs in a source
# Kaggle's two files are 77 and 51 MB; rows of 784 three-digit numbers would be 220 MB.
LARGEST = 1_000_000_000
BROKEN = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
    OverflowError, struct.error, zlib.error, lzma.LZMAError,
)  # fmt: skip

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
    """Tells whether there are CSV or zip files, or the wanted ones in a folder of the folder."""
    return bool(list_files(source)) or any(any(source.glob(f"*/{name}")) for name in WANTED)


def refuse_foreign() -> None:
    """Refuses files in data/raw that `fetch` has not written, and that it would delete.

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
        InputError: one of the two is missing or there more than once, or a zip file is not
            whole, is encrypted, or unpacks to far more than it should.
    """
    places = _places(source)
    for name in WANTED:
        if len(places[name]) != 1:
            raise InputError(_complaint(source, name, places[name]))
    for name in WANTED:
        _copy(*places[name][0], raw / name)


def _places(source: Path) -> dict[str, list[Place]]:
    """Lists where in the folder each wanted file is; a file as it is goes before zip files."""
    places: dict[str, list[Place]] = {name: [] for name in WANTED}
    for path in sorted(source.glob("*.zip")):
        for entry in _entries(path):
            name = PurePosixPath(entry).name
            if name in places:
                places[name].append((path, entry))
    for name in WANTED:
        if (source / name).is_file():
            places[name] = [(source / name, None)]
    return places


def _entries(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [entry.filename for entry in archive.infolist()]
    except BROKEN as error:
        raise _broken(path, error) from None


def _copy(path: Path, entry: str | None, target: Path) -> None:
    if entry is None:
        shutil.copyfile(path, target)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(entry)
            if info.flag_bits & 0x1:
                raise InputError(f"{path}: {entry} is encrypted; expected Kaggle's own file")
            if info.file_size > LARGEST:
                raise InputError(
                    f"{path}: {entry} unpacks to {info.file_size:,} bytes; "
                    f"expected at most {LARGEST:,}"
                )
            with archive.open(info) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)
    except InputError:
        raise
    except BROKEN as error:
        raise _broken(path, error) from None


def _broken(path: Path, error: Exception) -> Exception:
    if isinstance(error, OSError) and error.errno != errno.EINVAL:
        return error  # a full disk is not the file's fault; a place before its start is
    return InputError(f"{path}: not a whole zip file ({error}); download or copy it again")


def _complaint(source: Path, name: str, places: list[Place]) -> str:
    """Says which file is missing, or where it is twice."""
    if places:
        where = ", ".join(f"{path.name}/{entry}" for path, entry in places)
        return f"{source}: {name} is there more than once ({where}); keep one"
    folder, found = source.as_posix(), list_files(source)
    if nested := sorted(source.glob(f"*/{name}")):
        inner = nested[0].parent.as_posix()
        remedy = f"move the files up from {inner}, then run dvc add {folder}/*.csv"
        return f"{nested[0]}: expected in {folder}: {remedy}"
    holds = f"holds {', '.join(found)} but no {name}" if found else "holds no CSV and no zip file"
    card = f"see {folder}/README.md; " if (source / "README.md").exists() else ""
    astray = [path.as_posix() for place in ASTRAY for path in sorted(place.glob("*.zip"))]
    remedy = f"move {astray[0]} there" if astray and not found else "copy it there"
    if ".dvc" in Path.cwd().parts:
        remedy = "this copy holds only tracked files: in your own folder, copy it there"
    return (
        f"{source}: {holds}; expected train.csv and test.csv, or a zip file that holds both: "
        f"{card}{remedy}, then run dvc add {folder}/<its name>"
    )
