"""Bad arrays in data/prepared and data/split, as each stage that reads them refuses them."""

import io
import os
import shutil
import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from stages.arrays import SUMS, open_array, write_sums
from stages.errors import InputError
from tests.conftest import Pixels
from tests.refusal import Workplace

IMAGES = "data/prepared/train_images.npy"
LABELS = "data/prepared/train_labels.npy"
TEST = "data/prepared/test_images.npy"
TRAINING = "data/split/train.npy"
VALIDATION = "data/split/validation.npy"

Array = npt.NDArray[Any]
Edit = Callable[[Array], Array | bytes]


@pytest.fixture(scope="module")
def prepared(digits: tuple[Pixels, Pixels], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `preprocess` and `split` leave of 60 labelled and 20 unlabelled digits."""
    folder = tmp_path_factory.mktemp("prepared")
    images = (digits[0] / np.float32(255)).astype(np.float32).reshape(-1, 28, 28, 1)
    rows = np.arange(60)
    (folder / "data" / "prepared").mkdir(parents=True)
    (folder / "data" / "split").mkdir()
    arrays: dict[str, Any] = {IMAGES: images[:60], LABELS: digits[1][:60], TEST: images[60:80]}
    arrays |= {TRAINING: rows[rows % 4 > 0], VALIDATION: rows[rows % 4 == 0]}
    for path, array in arrays.items():
        np.save(folder / path, array)
    return folder


@pytest.fixture
def place(in_tmp: Path, prepared: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    shutil.copytree(prepared / "data", in_tmp / "data")
    return Workplace(in_tmp, capsys)


def saved(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def header(old: str, new: str) -> Edit:
    """Changes the header's text, and not its length."""

    def edit(array: Array) -> bytes:
        content = saved(array)
        assert old.encode() in content
        changed = content.replace(old.encode(), new.encode(), 1)
        grown = len(new) - len(old)
        return changed.replace(b" " * grown + b"\n", b"\n", 1) if grown else changed

    return edit


def put(row: int, value: float) -> Edit:
    def edit(array: Array) -> Array:
        array.reshape(len(array), -1)[row, -1] = value
        return array

    return edit


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch evil",)


def swapped(array: Array) -> Array:
    return array.astype(array.dtype.newbyteorder(">"))


# What an array is turned into, wherever it stands, and what is said of it.
ANY: dict[str, tuple[Edit, str]] = {
    "objects": (lambda a: np.array([Evil()] * len(a)), "type |O; expected numbers"),
    "empty file": (lambda a: b"", "not a .npy array"),
    "text": (lambda a: b"label,pixel0\n", "not a .npy array"),
    "a pickle": (lambda a: b"\x80\x04K\x01." * 40, "not a .npy array"),
    "an .npz file": (lambda a: b"PK\3\4" + saved(a), "not a .npy array"),
    "header cut": (lambda a: saved(a)[:100], "not a .npy array"),
    "cut short": (lambda a: saved(a)[:-1], "bytes; expected"),
    "a byte more": (lambda a: saved(a) + b"\0", "bytes; expected"),
    "no rows": (lambda a: a[:0], "with at least one row"),
    "a number": (lambda a: a.ravel()[0].reshape(()), "with at least one row"),
    "complex": (lambda a: a.astype(complex), "type <c16"),
    "text cells": (lambda a: a.astype("U3"), "type <U3"),
    "dates": (lambda a: np.zeros(len(a), "datetime64[s]"), "not a .npy array"),
    "float64": (lambda a: a.astype(float), "float64 ("),
    "a dimension more": (lambda a: a[..., None], "with at least one row"),
    "a record": (lambda a: np.zeros(len(a), [("a", "f4")]), "not a .npy array"),
    "a negative length": (header("(", "(-"), "not a .npy array"),
    "an expression": (header("'shape': (", "'shape': (1+"), "not a .npy array"),
    "a huge length": (header("(", "(99999999"), "bytes; expected"),
    "version 9": (lambda a: saved(a).replace(b"NUMPY\1", b"NUMPY\x09"), "not a .npy array"),
}

WHERE = {
    IMAGES: ["train", "evaluate"], LABELS: ["split", "train", "evaluate"], TEST: ["predict"],
    TRAINING: ["train", "evaluate"], VALIDATION: ["train", "evaluate"],
}  # fmt: skip
MENDED = {path: "run split again" if "split" in path else "run preprocess again" for path in WHERE}

OWN: list[tuple[str, str, Edit, str]] = [
    ("above 1", IMAGES, lambda a: a * 3, "values outside [0, 1]"),
    ("negative", IMAGES, put(0, -0.1), "values outside [0, 1]"),
    ("NaN", IMAGES, put(0, np.nan), "values outside [0, 1]"),
    ("infinite", IMAGES, put(0, np.inf), "values outside [0, 1]"),
    ("NaN", TEST, put(19, np.nan), "values outside [0, 1]"),
    ("flat", IMAGES, lambda a: a.reshape(len(a), 784), "(60, 784); expected float32 ('rows', 28"),
    ("Fortran", IMAGES, np.asfortranarray, "Fortran order); expected rows first"),
    ("big-endian", IMAGES, swapped, "type >f4; expected"),
    ("big-endian", TRAINING, swapped, "type >i8; expected"),
    ("fewer images", IMAGES, lambda a: a[:-1], "59 images, 60 labels"),
    ("more images", IMAGES, lambda a: np.concatenate([a, a]), "120 images, 60 labels"),
    ("label 10", LABELS, put(7, 10), "row 7: label 10; expected 0-9"),
    ("whole images", LABELS, lambda a: a.astype(np.int64), "int64 (60,); expected uint8"),
    ("a row outside", TRAINING, put(-1, 60), "row numbers outside 0-59"),
    ("a row below 0", VALIDATION, put(0, -1), "row numbers outside 0-59"),
    ("a row twice", TRAINING, put(1, 1), "row 1 repeats or is out of order"),
    ("out of order", VALIDATION, lambda a: a[::-1].copy(), "row 52 repeats or is out of order"),
    ("int32", VALIDATION, lambda a: a.astype(np.int32), "int32 (15,); expected int64"),
]  # fmt: skip

CASES = [
    (f"{name}, {path}, {stage}", path, stage, edit, text)
    for path, stages in WHERE.items()
    for name, (edit, text) in ANY.items()
    for stage in stages[:1]
]
CASES += [
    (f"{name}, {path}, {stage}", path, stage, edit, text)
    for name, path, edit, text in OWN
    for stage in WHERE[path]
    if (path, stage) != (LABELS, "train")
]


@pytest.mark.parametrize(
    ("path", "stage", "edit", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_a_bad_array_is_refused(
    place: Workplace, path: str, stage: str, edit: Edit, expected: str
) -> None:
    spoilt = edit(np.load(path))
    Path(path).write_bytes(spoilt if isinstance(spoilt, bytes) else saved(spoilt))
    place.refuses(stage, f"error: {path}", expected, MENDED[path])
    assert not Path("evil").exists()


@pytest.mark.parametrize("path", WHERE)
def test_a_missing_array_is_named(place: Workplace, path: str) -> None:
    Path(path).unlink()
    name = "split" if "split" in path else "preprocess"
    place.refuses(WHERE[path][0], f"{path}: No such file or directory; run {name}")


@pytest.mark.parametrize("stage", ["train", "evaluate"])
class TestAnHonestScore:
    """A row that is trained on is not scored, and no row is forgotten."""

    def test_a_row_in_both_parts_is_refused(self, place: Workplace, stage: str) -> None:
        np.save(VALIDATION, np.arange(0, 60, 3))
        place.refuses(stage, "data/split: row 3 of 60 is in both parts; run split again")

    def test_a_row_in_neither_is_refused(self, place: Workplace, stage: str) -> None:
        np.save(VALIDATION, np.load(VALIDATION)[1:])
        place.refuses(stage, "data/split: row 0 of 60 is in neither part; run split again")

    def test_a_split_of_other_data_is_refused(self, place: Workplace, stage: str) -> None:
        """Of fewer rows; of more is a row outside."""
        np.save(TRAINING, np.arange(30))
        np.save(VALIDATION, np.arange(30, 50))
        place.refuses(stage, "data/split: row 50 of 60 is in neither part; run split again")


def test_opening_takes_no_memory(tmp_path: Path) -> None:
    """Neither for what an array holds, which is mapped, nor for what its header says."""
    whole, lie = tmp_path / "whole.npy", tmp_path / "lie.npy"
    np.save(whole, np.zeros((20_000, 784), np.float32))  # 63 MB
    lie.write_bytes(saved(np.zeros((3, 784), np.float32)).replace(b"(3, ", b"(300000000, ", 1))
    tracemalloc.start()
    open_array(whole, "float32", (784,), stage="preprocess")
    with pytest.raises(InputError):
        open_array(lie, "float32", (784,), stage="preprocess")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_what_numpy_writes_is_read(tmp_path: Path) -> None:
    for shape in [(1,), (7, 1), (3, 28, 28, 1), (12_345_678,)]:
        array = np.zeros(shape, np.uint8)
        np.save(tmp_path / "x.npy", array)
        found = open_array(tmp_path / "x.npy", "uint8", shape[1:], stage="split")
        assert (found.shape, found.dtype) == (array.shape, array.dtype)


@pytest.mark.parametrize(("stage", "path"), [("split", LABELS), ("train", TRAINING)])
def test_a_flipped_bit_is_found(place: Workplace, stage: str, path: str) -> None:
    """In a value that could be: only its digest tells."""
    for folder in ("data/prepared", "data/split"):
        write_sums(Path(folder))
    content = bytearray(Path(path).read_bytes())
    content[-8] ^= 1
    Path(path).write_bytes(content)
    place.refuses(stage, f"{path}: damaged: ", "python -m mend --cache, then dvc repro")


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum not installed")
def test_sums_are_those_of_sha256sum(place: Workplace) -> None:
    write_sums(Path("data/split"))
    subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd="data/split", check=True)
