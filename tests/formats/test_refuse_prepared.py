"""Bad arrays in data/prepared and data/split, as each stage that reads them refuses them."""

import shutil
import struct
import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from stages.formats.arrays import SUMS, open_array, write_sums
from stages.formats.prepared import to_images
from stages.harness import paths
from stages.harness.errors import InputError
from tests.support.samples import ARRAYS, PICKLE, Evil, Pixels, classifier_arrays, npy, sign
from tests.support.workplace import Workplace

IMAGES, LABELS, TEST = paths.TRAIN_IMAGES, paths.TRAIN_LABELS, paths.TEST_IMAGES
ROWS, VALIDATION_ROWS = paths.TRAIN_ROWS, paths.VALIDATION_ROWS

Array = npt.NDArray[Any]
Edit = Callable[[Array], Array | bytes]


@pytest.fixture
def place(
    in_tmp: Path, digits: tuple[Pixels, Pixels], capsys: pytest.CaptureFixture[str]
) -> Workplace:
    """A folder with what the stages up to `train` write for 60 labelled and 20 other digits."""
    pixels, labels = digits
    rows = np.arange(60)
    save(IMAGES, to_images(pixels[:60]))
    save(LABELS, labels[:60])
    save(TEST, to_images(pixels[60:80]))
    save(ROWS, rows[rows % 4 > 0])
    save(VALIDATION_ROWS, rows[rows % 4 == 0])
    paths.MODEL.mkdir()
    np.savez(ARRAYS, **classifier_arrays())
    sign("support_vectors", ARRAYS)
    return Workplace(in_tmp, capsys)


def save(path: Path, content: Array | bytes) -> None:
    """Writes a file, and the sums that fit it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else npy(content))
    write_sums(path.parent)


def with_shape(text: str) -> Edit:
    """Makes a file of 60 bytes whose header has this text as the shape."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {text}, }}\n".encode()
    return lambda a: b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + bytes(60)


def put(row: int, value: float) -> Edit:
    def edit(array: Array) -> Array:
        array.reshape(len(array), -1)[row, -1] = value
        return array

    return edit


def swap(array: Array) -> Array:
    return array.astype(array.dtype.newbyteorder(">"))


NOT = "not a .npy array: "
NO_ROWS = "with at least one row"
BAD: list[tuple[str, Path, Edit, str]] = [
    ("objects", LABELS, lambda a: np.array([Evil()] * 60), NOT),
    ("empty file", LABELS, lambda a: b"", NOT),
    ("text", LABELS, lambda a: b"label,pixel0\n", NOT),
    ("a pickle", LABELS, lambda a: PICKLE, NOT),
    ("a zip", LABELS, lambda a: b"PK\3\4" + npy(a), NOT),
    ("header cut", LABELS, lambda a: npy(a)[:100], NOT),
    ("version 9", LABELS, lambda a: npy(a).replace(b"NUMPY\1", b"NUMPY\x09"), NOT),
    ("below 0", LABELS, with_shape("(-60,)"), NOT),
    ("huge", LABELS, with_shape("(99999999999,)"), NOT),
    ("overflow", LABELS, with_shape(f"({2**62}, 4, 4)"), NOT),
    ("Python 2", LABELS, with_shape("(60L,)"), NOT),
    ("code", LABELS, with_shape("__import__('os').system('touch evil')"), NOT),
    ("nested", LABELS, with_shape("(" * 9000), NOT),
    ("long header", LABELS, with_shape(" " * 20_000), NOT),
    ("cut short", LABELS, lambda a: npy(a)[:-1], NOT),
    ("a byte more", LABELS, lambda a: npy(a) + b"\0", "bytes; expected row after row"),
    ("no rows", LABELS, lambda a: a[:0], NO_ROWS),
    ("a number", LABELS, lambda a: a[0], NO_ROWS),
    ("a dimension more", LABELS, lambda a: a[:, None], NO_ROWS),
    ("dates", LABELS, lambda a: a.astype("datetime64[s]"), "datetime64[s] (60,); expected"),
    ("whole images", LABELS, lambda a: a.astype(np.int64), "int64 (60,); expected uint8"),
    ("label 10", LABELS, put(7, 10), "row 7: label 10; expected 0-9"),
    ("above 1", IMAGES, lambda a: a * 3, "values outside [0, 1]"),
    ("negative", IMAGES, put(0, -0.1), "values outside [0, 1]"),
    ("NaN", IMAGES, put(0, np.nan), "values outside [0, 1]"),
    ("flat", IMAGES, lambda a: a.reshape(60, 784), "(60, 784); expected float32 ('rows', 28"),
    ("Fortran", IMAGES, np.asfortranarray, "expected row after row (C order)"),
    ("big-endian", IMAGES, swap, ">f4 (60, 28, 28, 1); expected float32"),
    ("fewer images", IMAGES, lambda a: a[:-1], "59 images, 60 labels"),
    ("more images", IMAGES, lambda a: np.concatenate([a, a]), "120 images, 60 labels"),
    ("infinite", TEST, put(19, np.inf), "values outside [0, 1]"),
    ("float64", TEST, lambda a: a.astype(float), "float64 (20, 28, 28, 1); expected"),
    ("big-endian", ROWS, swap, ">i8 (45,); expected int64"),
    ("a row outside", ROWS, put(-1, 60), "row numbers outside 0-59"),
    ("a row twice", ROWS, put(1, 1), "row 1 repeats or is out of order"),
    ("a row below 0", VALIDATION_ROWS, put(0, -1), "row numbers outside 0-59"),
    ("out of order", VALIDATION_ROWS, lambda a: a[::-1], "row 52 repeats or is out of order"),
    ("int32", VALIDATION_ROWS, lambda a: a.astype(np.int32), "int32 (15,); expected int64"),
]  # fmt: skip
READERS = {
    IMAGES: ["train", "evaluate"], LABELS: ["split"], TEST: ["predict"],
    ROWS: ["train", "evaluate"], VALIDATION_ROWS: ["train", "evaluate"],
}  # fmt: skip
CASES = [(stage, *case) for case in BAD for stage in READERS[case[1]]]


def writer(path: Path) -> str:
    return "split" if path.parent == paths.SPLIT else "preprocess"


@pytest.mark.parametrize(
    ("stage", "path", "edit", "expected"),
    [(stage, *case) for stage, _, *case in CASES],
    ids=[f"{name}, {path.stem}, {stage}" for stage, name, path, *_ in CASES],
)
def test_a_bad_array_is_refused(
    place: Workplace, stage: str, path: Path, edit: Edit, expected: str
) -> None:
    save(path, edit(np.load(path)))
    place.refuses(stage, f"error: {path}", expected, f"run {writer(path)} again")
    assert not Path("evil").exists()


SUMS_READERS = {paths.PREPARED / SUMS: ["split"], paths.SPLIT / SUMS: ["train"]}


@pytest.mark.parametrize(("path", "stages"), (READERS | SUMS_READERS).items())
def test_a_missing_file_is_named(place: Workplace, path: Path, stages: list[str]) -> None:
    path.unlink()
    place.refuses(stages[0], f"{path}: No such file or directory; run {writer(path)}\n")


@pytest.mark.parametrize("stage", ["train", "evaluate"])
@pytest.mark.parametrize(
    ("rows", "validation_rows", "expected"),
    [
        (range(40), range(39, 60), "row 39 of 60 is in both parts"),
        (range(1, 40), range(40, 60), "row 0 of 60 is in neither part"),
        (range(30), range(30, 50), "row 50 of 60 is in neither part"),  # a split of fewer rows
    ],
)
def test_a_split_that_is_not_honest_is_refused(
    place: Workplace, stage: str, rows: range, validation_rows: range, expected: str
) -> None:
    """No row is trained on and scored, and none is forgotten."""
    save(ROWS, np.array(rows))
    save(VALIDATION_ROWS, np.array(validation_rows))
    place.refuses(stage, f"data/split: {expected}; run split again")


@pytest.mark.parametrize(
    ("folds", "expected"),
    [
        (np.arange(59) % 3 + 1, "59 rows in folds 1 to 3; expected 60 rows in folds 1, 2 and so"),
        (np.arange(60) % 3, "60 rows in folds 0 to 2; "),
        (np.arange(60) % 3 * 2 + 1, "60 rows in folds 1 to 5; "),
        (np.ones(60), "60 rows in folds 1 to 1; "),
    ],
)
def test_folds_that_are_not_whole_are_refused(
    place: Workplace, folds: Array, expected: str
) -> None:
    save(paths.FOLDS, folds.astype(np.uint8))
    for stage in ("train", "evaluate"):
        place.refuses(stage, f"data/split/folds.npy: {expected}", "run split again")


def test_opening_takes_no_memory(tmp_path: Path) -> None:
    """Neither for the values, which are mapped, nor for those that a header only claims."""
    save(tmp_path / "lie.npy", npy(np.zeros((3, 784))).replace(b"(3, ", b"(300000000, ", 1))
    save(tmp_path / "good.npy", np.zeros((5_000, 784)))  # 31 MB
    tracemalloc.start()
    open_array(tmp_path / "good.npy", "float64", (784,), stage="preprocess")
    with pytest.raises(InputError):
        open_array(tmp_path / "lie.npy", "float64", (784,), stage="preprocess")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(("stage", "path"), [("split", LABELS), ("train", ROWS)])
def test_a_flipped_bit_is_noticed(place: Workplace, stage: str, path: Path) -> None:
    """Even where the new value is possible: the digest differs."""
    content = bytearray(path.read_bytes())
    content[-8] ^= 1
    path.write_bytes(content)
    place.refuses(stage, f"{path}: damaged: ", "python -m tools.repair --cache, then dvc repro")


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"\xff\n", "SHA256SUMS: not what sha256sum writes"), (b"", "train_labels.npy: damaged")],
)
def test_sums_that_do_not_name_the_file_are_refused(
    place: Workplace, content: bytes, expected: str
) -> None:
    (paths.PREPARED / SUMS).write_bytes(content)
    place.refuses("split", expected)


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum not installed")
def test_sums_are_those_of_sha256sum(place: Workplace) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=paths.SPLIT, check=True)
