"""Kaggle's zip: unpacked whole, or refused in one line with nothing left behind."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stages import fetch_kaggle
from stages.errors import InputError

FILES = {"train.csv": "label,pixel0\n1,2\n", "test.csv": "pixel0\n3\n"}
WHOLE = FILES | {"sample_submission.csv": "ImageId,Label\n1,0\n"}


def make(entries: dict[str, str]) -> None:
    fetch_kaggle.ARCHIVE.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(fetch_kaggle.ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)


def spoil(start: int, data: bytes) -> None:
    content = bytearray(fetch_kaggle.ARCHIVE.read_bytes())
    content[start : start + len(data)] = data
    fetch_kaggle.ARCHIVE.write_bytes(content)


@pytest.mark.usefixtures("in_tmp")
def test_the_two_files_are_unpacked() -> None:
    make(WHOLE)
    fetch_kaggle.main()
    found = {path.name: path.read_text() for path in Path("data/kaggle").iterdir()}
    assert found == FILES


def no_zip() -> None:
    make(FILES)
    fetch_kaggle.ARCHIVE.write_text("<html>Please log in</html>")


def cut_short() -> None:
    make({name: text * 1000 for name, text in FILES.items()})
    content = fetch_kaggle.ARCHIVE.read_bytes()
    fetch_kaggle.ARCHIVE.write_bytes(content[: len(content) // 2])


def link() -> None:
    entry = zipfile.ZipInfo("train.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(fetch_kaggle.ARCHIVE, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
        archive.writestr("test.csv", "")


def encrypted() -> None:
    make(WHOLE)
    content = fetch_kaggle.ARCHIVE.read_bytes()
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        spoil(content.index(signature) + offset, b"\1")


def wrong_checksum() -> None:
    make(WHOLE)
    content = fetch_kaggle.ARCHIVE.read_bytes()
    for signature, offset in ((b"PK\3\4", 14), (b"PK\1\2", 16)):
        spoil(content.index(signature) + offset, b"\0\0\0\0")


def flipped_bits() -> None:
    make({name: text * 1000 for name, text in WHOLE.items()})
    spoil(45, b"\xff" * 10)


def lzma_flipped() -> None:
    fetch_kaggle.ARCHIVE.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(fetch_kaggle.ARCHIVE, "w", zipfile.ZIP_LZMA) as archive:
        for name, text in WHOLE.items():
            archive.writestr(name, text * 1000)
    spoil(55, b"\xff" * 20)


def bomb() -> None:
    """A few kilobytes that say they unpack to 4 GB."""
    make({"train.csv": "0" * 5_000_000, "test.csv": "0"})
    spoil(fetch_kaggle.ARCHIVE.read_bytes().index(b"PK\1\2") + 24, b"\xff\xff\xff\xf0")


@pytest.mark.usefixtures("in_tmp")
@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        (no_zip, "not a whole zip"),
        (cut_short, "not a whole zip"),
        (wrong_checksum, "not a whole zip"),
        (flipped_bits, "not a whole zip"),
        (lzma_flipped, "not a whole zip"),
        (encrypted, "encrypted"),
        (lambda: make({"./": ""}), "no train.csv at its top"),
        (link, "is a link"),
        (bomb, "unpacks to 4,043,309,055 bytes"),
        (lambda: make({}), "no train.csv at its top"),
        (lambda: make({"test.csv": ""}), "no train.csv at its top"),
        (lambda: make({"train.csv": ""}), "no test.csv at its top"),
        (lambda: make({f"digits/{n}": t for n, t in FILES.items()}), "no train.csv at its top"),
        (lambda: make({"digit-recognizer.zip": ""}), "no train.csv at its top"),
        (lambda: make(FILES | {"../evil.py": ""}), r"'../evil.py' leaves the folder"),
        (lambda: make(FILES | {"a/../../evil.py": ""}), "leaves the folder"),
        (lambda: make(FILES | {"/etc/cron.d/evil": ""}), "leaves the folder"),
        (lambda: make(FILES | {"..\\evil.py": ""}), "leaves the folder"),
        (lambda: make(FILES | {"C:\\evil.py": ""}), "leaves the folder"),
    ],
)
def test_a_bad_archive_is_refused(spoiled: Callable[[], None], message: str) -> None:
    fetch_kaggle.ARCHIVE.parent.mkdir()
    spoiled()
    with pytest.raises(InputError) as caught:
        fetch_kaggle.main()
    assert str(caught.value).startswith("data/digit-recognizer.zip: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in Path("data").iterdir()] == ["digit-recognizer.zip"]
