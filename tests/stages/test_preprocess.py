"""Preprocessing: the values and the shape; `test_competition` has the forms of CSV files."""

from pathlib import Path

import numpy as np
import pytest

from stages import preprocess
from stages.formats import competition
from stages.formats.prepared import read_labels, to_images
from stages.harness import paths
from tests.support.samples import Pixels


@pytest.mark.parametrize("chunk_rows", [1, 7, 2048])
def test_the_stage_writes_images_in_0_to_1_and_labels(
    source: Path, digits: tuple[Pixels, Pixels], monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    monkeypatch.setattr(competition, "CHUNK_ROWS", chunk_rows)
    preprocess.main()
    pixels, labels = digits
    images = np.load(paths.TRAIN_IMAGES)
    assert (images.shape, images.dtype.name) == ((60, 28, 28, 1), "float32")
    assert (images.min(), images.max()) == (0, 1)
    np.testing.assert_array_equal(images.reshape(60, 784), pixels[:60] / np.float32(255))
    np.testing.assert_array_equal(np.load(paths.TEST_IMAGES), to_images(pixels[60:80]))
    np.testing.assert_array_equal(read_labels(paths.TRAIN_LABELS), labels[:60])
    np.save(source / "whole.npy", images)
    assert paths.TRAIN_IMAGES.read_bytes() == (source / "whole.npy").read_bytes()
