"""Bad archives, as `fetch_kaggle` and `fetch_mnist` refuse them: zip and IDX files."""

import gzip
import hashlib
import io
import lzma
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from stages import fetch_kaggle, fetch_mnist
from tests.refusal import Workplace

TEXTS = {"train.csv": "label,pixel0\n1,2\n" * 500, "test.csv": "pixel0\n3\n" * 500}


@pytest.fixture
def place(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    (in_tmp / "data").mkdir()
    return Workplace(in_tmp, capsys)


def archive(
    *more: tuple[str | zipfile.ZipInfo, str], texts: dict[str, str] = TEXTS, method: int = 8
) -> bytes:
    """Kaggle's zip with some entries more."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an entry that stands twice
        for name, text in (*texts.items(), *more):
            made.writestr(name, text)
    return file.getvalue()


def link() -> tuple[zipfile.ZipInfo, str]:
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry, "/etc/passwd"


def patched(content: bytes, *patches: tuple[bytes, int, bytes]) -> bytes:
    """Overwrites bytes, each so far after the first place of a signature."""
    data = bytearray(content)
    for signature, offset, new in patches:
        at = content.index(signature) + offset
        data[at : at + len(new)] = new
    return bytes(data)


LOCAL, CENTRAL, END = b"PK\3\4", b"PK\1\2", b"PK\5\6"  # the headers of a zip
GOOD_ZIP = archive()
HALF = len(GOOD_ZIP) // 2
FOREIGN = {"digits/train.csv": "", "digits/test.csv": ""}

BAD_ZIPS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "not a whole zip"),
    "HTML": (b"<html>Please log in</html>", "not a whole zip"),
    "gzip": (gzip.compress(GOOD_ZIP), "not a whole zip"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(200), "not a whole zip"),
    "xz": (lzma.compress(b"x"), "not a whole zip"),
    "cut short": (GOOD_ZIP[:HALF], "not a whole zip"),
    "cut at the start": (GOOD_ZIP[HALF:], "not a whole zip"),
    "flipped bits": (patched(GOOD_ZIP, (LOCAL, 45, b"\xff" * 10)), "not a whole zip"),
    "lzma flipped": (patched(archive(method=14), (LOCAL, 55, b"\xff" * 20)), "not a whole zip"),
    "wrong CRC": (patched(GOOD_ZIP, (CENTRAL, 16, bytes(4))), "not a whole zip"),
    "unknown method": (patched(GOOD_ZIP, (CENTRAL, 10, b"\x63")), "not a whole zip"),
    "larger than said": (patched(GOOD_ZIP, (CENTRAL, 24, b"\x40\0\0\0")), "not a whole zip"),
    "offset outside": (patched(GOOD_ZIP, (CENTRAL, 42, b"\xff\xff\xff\x7f")), "not a whole zip"),
    "directory outside": (patched(GOOD_ZIP, (END, 16, b"\xff\xff\xff\x7f")), "not a whole zip"),
    "encrypted": (
        patched(GOOD_ZIP, (LOCAL, 6, b"\1"), (CENTRAL, 8, b"\1")),
        "train.csv is encrypted; expected Kaggle's own file",
    ),
    "bomb": (
        patched(GOOD_ZIP, (CENTRAL, 24, b"\xff\xff\xff\xf0")),
        "unpacks to 4,043,309,055 bytes; expected at most 1,000,000,000",
    ),
    "link": (archive(link()), "entry 'link' is a link; expected plain files"),
    "twice": (archive(("train.csv", "other")), "an entry stands more than once; expected"),
    "no entries": (archive(texts={}), "no train.csv at its top; expected"),
    "no train.csv": (archive(texts={"test.csv": ""}), "no train.csv at its top; expected"),
    "no test.csv": (archive(texts={"train.csv": ""}), "no test.csv at its top; expected"),
    "in a folder": (archive(texts=FOREIGN), "no train.csv at its top; expected"),
    "a folder": (archive(texts={"train.csv/": "", "test.csv": ""}), "no train.csv at its top"),
    "nested": (archive(texts={"digit-recognizer.zip": ""}), "no train.csv at its top; expected"),
    "dot": (archive(texts={"./": ""}), "no train.csv at its top; expected"),
    **{
        f"escapes by {name}": (archive((name, "")), "leaves the folder; do not trust it")
        for name in ("../evil.py", "a/../../evil.py", "/etc/evil", "..\\evil.py", "C:\\evil.py")
    },
}


@pytest.mark.parametrize(("content", "expected"), BAD_ZIPS.values(), ids=BAD_ZIPS)
def test_a_bad_zip_is_refused(place: Workplace, content: bytes, expected: str) -> None:
    fetch_kaggle.ARCHIVE.write_bytes(content)
    place.refuses("fetch_kaggle", "data/digit-recognizer.zip: ", expected)


@pytest.mark.parametrize("folder", [True, False])
def test_a_missing_zip_is_named(place: Workplace, folder: bool) -> None:
    if folder:
        fetch_kaggle.ARCHIVE.mkdir()
    place.refuses("fetch_kaggle", "zip: no such file; download it: kaggle competitions download")


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


IMAGES = idx(np.arange(3 * 784, dtype=np.uint8).reshape(3, 28, 28))
LABELS = idx(np.array([1, 2, 3], np.uint8))
PACKED = gzip.compress(IMAGES, mtime=0)

BAD_IMAGES: dict[str, tuple[bytes, str]] = {
    "no gzip": (b"IDX?", "not a whole gzip file"),
    "zip": (GOOD_ZIP, "not a whole gzip file"),
    "not packed": (IMAGES, "not a whole gzip file"),
    "cut short": (PACKED[:-20], "not a whole gzip file"),
    "wrong CRC": (PACKED[:-8] + bytes(4) + PACKED[-4:], "not a whole gzip file"),
    "empty": (gzip.compress(b""), "starts with nothing; expected an IDX file"),
    "zeros": (gzip.compress(bytes(100)), "starts with 00000000; expected an IDX file"),
    "floats": (gzip.compress(IMAGES[:2] + b"\x0d" + IMAGES[3:]), "starts with 00000d03; expected"),
    "two dimensions": (gzip.compress(idx(np.zeros((2, 2), np.uint8))), "starts with 00000802"),
    "labels": (gzip.compress(LABELS), "starts with 00000801; expected an IDX file"),
    "header cut": (gzip.compress(IMAGES[:9]), "starts with 00000803; expected an IDX file"),
    "a byte less": (gzip.compress(IMAGES[:-1]), "2,351 bytes after the header; expected 2,352"),
    "a byte more": (gzip.compress(IMAGES + b"\0"), "more bytes after the header; expected 2,352"),
    "huge": (
        gzip.compress(IMAGES[:4] + b"\xff" * 12),
        "79,228,162,458,924,105,385,300,197,375 bytes; expected at most 200,000,000",
    ),
    "27 pixels": (gzip.compress(idx(np.zeros((3, 27, 28), np.uint8))), "expected (3, 28, 28)"),
    "an image more": (gzip.compress(idx(np.zeros((4, 28, 28), np.uint8))), "expected (3, 28, 28)"),
}


def give(monkeypatch: pytest.MonkeyPatch, images: bytes, labels: bytes) -> None:
    """Puts files where `fetch_mnist` looks first; their md5 is what it expects."""
    fetch_mnist.GIVEN.mkdir()
    known = {}
    for name in fetch_mnist.MD5:
        content = images if "images" in name else labels
        (fetch_mnist.GIVEN / name).write_bytes(content)
        known[name] = hashlib.md5(content).hexdigest()
    monkeypatch.setattr(fetch_mnist, "MD5", known)


@pytest.mark.parametrize(("content", "expected"), BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_a_bad_idx_file_is_refused(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, content: bytes, expected: str
) -> None:
    give(monkeypatch, content, gzip.compress(LABELS))
    place.refuses("fetch_mnist", "data/mnist-idx/train-images-idx3-ubyte.gz: ", expected)


@pytest.mark.parametrize("label", [10, 255])
def test_a_label_above_9_is_refused(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, label: int
) -> None:
    give(monkeypatch, PACKED, gzip.compress(idx(np.array([1, 2, label], np.uint8))))
    place.refuses("fetch_mnist", "labels-idx1-ubyte.gz row 2", f"label {label}; expected 0-9")


def test_a_given_file_with_another_md5_is_refused(place: Workplace) -> None:
    fetch_mnist.GIVEN.mkdir()
    (fetch_mnist.GIVEN / next(iter(fetch_mnist.MD5))).write_bytes(PACKED)
    place.refuses("fetch_mnist", "md5 is not f68b3c", "delete it to have it downloaded")


def test_the_good_files_are_accepted(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what the cases change is what is refused."""
    fetch_kaggle.ARCHIVE.write_bytes(GOOD_ZIP)
    give(monkeypatch, PACKED, gzip.compress(LABELS))
    assert place.run("fetch_kaggle") == place.run("fetch_mnist") == (0, "")
