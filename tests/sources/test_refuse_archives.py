"""Bad zip and IDX files, as `fetch` refuses them."""

import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest

from stages.sources import mnist
from tests.support.archives import (
    CENTRAL,
    END,
    GOOD_ZIP,
    IDX_IMAGES,
    IDX_LABELS,
    LOCAL,
    PACKED_IMAGES,
    archive,
    idx,
    patched,
)
from tests.support.clone import set_params
from tests.support.workplace import Workplace

KAGGLE, MNIST = Path("data/sources/kaggle"), Path("data/sources/mnist")


@pytest.fixture
def place(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    for source in (KAGGLE, MNIST):
        source.mkdir(parents=True)
    return Workplace(in_tmp, capsys)


def choose(source: str) -> None:
    set_params(Path("params.yaml"), {"data.source": source})


HALF = len(GOOD_ZIP) // 2

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
    "twice": (archive(("train.csv", "other")), "train.csv is there more than once (digits.zip/"),
    "no entries": (archive(texts={}), "holds digits.zip but no train.csv; expected"),
    "no test.csv": (archive(texts={"train.csv": ""}), "holds digits.zip but no test.csv; expected"),
    "nested": (archive(texts={"digits.zip": ""}), "holds digits.zip but no train.csv; expected"),
}


@pytest.mark.parametrize(("content", "expected"), BAD_ZIPS.values(), ids=BAD_ZIPS)
def test_a_bad_zip_is_refused(place: Workplace, content: bytes, expected: str) -> None:
    choose("kaggle")
    (KAGGLE / "digits.zip").write_bytes(content)
    place.refuses("fetch", "error: data/sources/kaggle", expected)


ESCAPES = ["../evil.csv", "a/../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "../../train.csv"]


@pytest.mark.parametrize("name", ESCAPES)
def test_an_entry_that_leaves_the_folder_is_not_written_there(place: Workplace, name: str) -> None:
    choose("kaggle")
    texts = {"train.csv": "x", "test.csv": "y"}
    texts.pop(name.rpartition("/")[2], None)
    (KAGGLE / "digits.zip").write_bytes(archive((name, "evil"), texts=texts))
    assert place.run("fetch") == (0, "")
    written = {path.name for path in place.folder.rglob("*.csv")}
    assert written == {"train.csv", "test.csv"}
    assert not list(place.folder.parent.glob("*.csv"))


BAD_IMAGES: dict[str, tuple[bytes, str]] = {
    "no gzip": (b"IDX?", "not a whole file"),
    "zip": (GOOD_ZIP, "not a whole file"),
    "not packed": (IDX_IMAGES, "not a whole file"),
    "cut short": (PACKED_IMAGES[:-20], "not a whole file"),
    "wrong CRC": (PACKED_IMAGES[:-8] + bytes(4) + PACKED_IMAGES[-4:], "not a whole file"),
    "empty": (gzip.compress(b""), "starts with nothing; expected an IDX file"),
    "zeros": (gzip.compress(bytes(100)), "starts with 00000000; expected an IDX file"),
    "floats": (
        gzip.compress(IDX_IMAGES[:2] + b"\x0d" + IDX_IMAGES[3:]),
        "starts with 00000d03; expected",
    ),
    "two dimensions": (gzip.compress(idx(np.zeros((2, 2), np.uint8))), "starts with 00000802"),
    "labels": (gzip.compress(IDX_LABELS), "starts with 00000801; expected an IDX file"),
    "header cut": (gzip.compress(IDX_IMAGES[:9]), "starts with 00000803; expected an IDX file"),
    "a byte less": (gzip.compress(IDX_IMAGES[:-1]), "2,351 bytes after the header; expected 2,352"),
    "a byte more": (
        gzip.compress(IDX_IMAGES + b"\0"),
        "more bytes after the header; expected 2,352",
    ),
    "huge": (
        gzip.compress(IDX_IMAGES[:4] + b"\xff" * 12),
        "79,228,162,458,924,105,385,300,197,375 bytes; expected at most 200,000,000",
    ),
    "27 pixels": (gzip.compress(idx(np.zeros((3, 27, 28), np.uint8))), "expected (3, 28, 28, 1)"),
    "an image more": (
        gzip.compress(idx(np.zeros((4, 28, 28), np.uint8))),
        "expected (3, 28, 28, 1)",
    ),
}


def give(images: bytes, labels: bytes) -> None:
    """Puts the four files into the source's folder."""
    choose("mnist")
    for name in mnist.FILES:
        (MNIST / name).write_bytes(images if "images" in name else labels)


@pytest.mark.parametrize(("content", "expected"), BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_a_bad_idx_file_is_refused(place: Workplace, content: bytes, expected: str) -> None:
    give(content, gzip.compress(IDX_LABELS))
    place.refuses("fetch", f"{MNIST}/train-images-idx3-ubyte.gz: ", expected)


@pytest.mark.parametrize("label", [10, 255])
def test_a_label_above_9_is_refused(place: Workplace, label: int) -> None:
    give(PACKED_IMAGES, gzip.compress(idx(np.array([1, 2, label], np.uint8))))
    place.refuses("fetch", "labels-idx1-ubyte.gz row 2", f"label {label}; expected 0-9")


def test_the_good_files_are_accepted(place: Workplace) -> None:
    """So that what the cases change is what is refused."""
    give(PACKED_IMAGES, gzip.compress(IDX_LABELS))
    assert place.run("fetch") == (0, "")
    (KAGGLE / "digits.zip").write_bytes(GOOD_ZIP)
    choose("kaggle")
    assert place.run("fetch") == (0, "")
