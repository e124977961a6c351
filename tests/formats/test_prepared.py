"""Images in a file: those that are asked for are read, and no others."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from stages.formats.arrays import write_sums
from stages.formats.prepared import StoredImages, to_images
from tests.support.samples import Pixels


@pytest.fixture
def file(tmp_path: Path, digits: tuple[Pixels, Pixels]) -> Path:
    path = tmp_path / "images.npy"
    np.save(path, to_images(digits[0]))
    write_sums(tmp_path)
    return path


def test_stored_images_are_those_of_the_array(file: Path) -> None:
    stored, array = StoredImages(file, count=400), np.load(file)
    odd = np.arange(1, 400, 2)
    shuffled = np.random.default_rng(0).permutation(200)
    for places in (slice(None), slice(7, 9), slice(390, 500), slice(0, 0), shuffled, odd):
        np.testing.assert_array_equal(stored[places], array[places])
    half = stored.select(odd)
    assert (len(stored), len(half)) == (400, 200)
    np.testing.assert_array_equal(half[shuffled], array[odd][shuffled])
    np.testing.assert_array_equal(half.select(shuffled[:3])[1:], array[odd][shuffled[1:3]])


def test_no_more_is_in_memory_than_is_asked_for(file: Path) -> None:
    stored = StoredImages(file)
    tracemalloc.start()
    for start in range(0, 400, 10):
        assert len(stored[start : start + 10]) == 10
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * stored[:10].nbytes
