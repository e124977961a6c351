"""Arrays in data/prepared and data/split: what is read, and what is rejected."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from stages.formats.prepared import Part, StoredImages, read_labels, read_split, to_images
from stages.formats.task import DIGITS, write_task
from stages.harness import paths
from stages.harness.errors import InputError
from tests.support.samples import Pixels, save_array
from tests.support.workplace import Workplace

IMAGES, LABELS, ROWS = paths.TRAIN_IMAGES, paths.TRAIN_LABELS, paths.TRAIN_ROWS


def save_split(rows: Sequence[int], validation_rows: Sequence[int]) -> None:
    save_array(ROWS, rows)
    save_array(paths.VALIDATION_ROWS, validation_rows)


@pytest.fixture(autouse=True)
def place(place: Workplace, digits: tuple[Pixels, Pixels]) -> Workplace:
    """A folder with 60 labelled digits, of which 45 are to train on."""
    save_array(IMAGES, to_images(digits[0][:60]))
    write_task(paths.PREPARED, DIGITS)
    save_array(LABELS, digits[1][:60])
    save_split(range(45), range(45, 60))
    return place


def test_stored_images_are_those_of_the_array() -> None:
    stored, array = StoredImages(IMAGES), np.load(IMAGES)
    odd = np.arange(1, 60, 2)
    shuffled = np.random.default_rng(0).permutation(30)
    for places in (slice(None), slice(7, 9), slice(50, 90), slice(0, 0), shuffled, odd):
        np.testing.assert_array_equal(stored[places], array[places])
    half = Part(stored, odd)
    assert (len(stored), len(half)) == (60, 30)
    np.testing.assert_array_equal(Part(half, shuffled[:3])[1:], array[odd][shuffled[1:3]])


READERS: dict[Path, Callable[[], object]] = {
    IMAGES: lambda: StoredImages(IMAGES),
    LABELS: lambda: read_labels(LABELS),
    ROWS: lambda: read_split(paths.SPLIT, 60),
}


@pytest.mark.parametrize("path", READERS)
def test_a_changed_file_is_rejected(path: Path) -> None:
    READERS[path]()
    content = path.read_bytes()
    path.write_bytes(content[:-8] + bytes([content[-8] ^ 1]) + content[-7:])
    with pytest.raises(InputError, match=f"^{path}: its SHA-256 .* run python -m tools.repair"):
        READERS[path]()


UNFAIR: dict[str, tuple[Sequence[int], Sequence[int]]] = {
    "a row in both parts": (range(40), range(39, 60)),
    "a row in neither part": (range(1, 40), range(40, 60)),
    "a split of fewer rows": (range(30), range(30, 50)),
    "a row twice": ([0, *range(40)], range(40, 60)),
}


@pytest.mark.parametrize("stage", ["train", "evaluate"])
def test_a_split_that_is_not_honest_is_rejected(place: Workplace, stage: str) -> None:
    """No row is trained on and scored, and none is forgotten."""
    for rows, validation_rows in UNFAIR.values():
        save_split(rows, validation_rows)
        place.refuses(stage, "data/split: expected each of 60 rows once", "run split again")
    save_array(paths.FOLDS, (np.arange(59) % 3 + 1).astype(np.uint8))
    place.refuses(stage, "data/split: expected each of 60 rows once", "run split again")
