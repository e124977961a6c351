"""The competition's own data: unpacks digit-recognizer.zip as Kaggle serves it."""

import errno
import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from stages.errors import InputError, run
from stages.outputs import new_folder

ARCHIVE = Path("data/digit-recognizer.zip")
WANTED = ("train.csv", "test.csv")
# Kaggle's two files are 77 and 51 MB; rows of 784 three-digit numbers would be 220 MB.
LARGEST = 1_000_000_000
DOWNLOAD = "kaggle competitions download -c digit-recognizer -p data"
BROKEN = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
    OverflowError, struct.error, zlib.error, lzma.LZMAError,
)  # fmt: skip


def unpack(archive: Path, folder: Path) -> None:
    """Copies train.csv and test.csv from the top of `archive` to `folder`.

    Raises:
        InputError: `archive` is not a whole zip, lacks one of the two, has an entry that
            leaves the folder or is a link, is encrypted, or unpacks to far more than it should.
    """
    if not archive.is_file():
        raise InputError(f"{archive}: no such file; download it: {DOWNLOAD}")
    try:
        with zipfile.ZipFile(archive) as source:
            _check(archive, source)
            for name in WANTED:
                with source.open(name) as packed, (folder / name).open("wb") as file:
                    shutil.copyfileobj(packed, file, 1 << 20)
    except InputError:
        raise
    except BROKEN as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise  # a full disk is not the file's fault; a place before its start is
        raise InputError(f"{archive}: not a whole zip file ({error}); download it again") from None


def _check(archive: Path, source: zipfile.ZipFile) -> None:
    entries = {entry.filename: entry for entry in source.infolist()}
    if len(entries) != len(source.infolist()):
        raise InputError(f"{archive}: an entry stands more than once; expected Kaggle's own file")
    for name, entry in entries.items():
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in name:
            raise InputError(f"{archive}: entry {name!r:.80} leaves the folder; do not trust it")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InputError(f"{archive}: entry {name!r:.80} is a link; expected plain files")
    for name in WANTED:
        if name not in entries:
            raise InputError(
                f"{archive}: no {name} at its top; expected the file that this saves: {DOWNLOAD}"
            )
        if entries[name].flag_bits & 0x1:
            raise InputError(f"{archive}: {name} is encrypted; expected Kaggle's own file")
        if entries[name].file_size > LARGEST:
            raise InputError(
                f"{archive}: {name} unpacks to {entries[name].file_size:,} bytes; "
                f"expected at most {LARGEST:,}"
            )


def main() -> None:
    with new_folder(Path("data/kaggle")) as folder:
        unpack(ARCHIVE, folder)
    print(f"data/kaggle: {' and '.join(WANTED)} from {ARCHIVE}")


if __name__ == "__main__":
    run(main)
