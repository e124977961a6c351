"""Preprocessing: the values, the shape."""

from pathlib import Path

import numpy as np
import pytest

from stages import preprocess
from stages.dataset import open_labels, read_images
from tests.conftest import Pixels


def test_pixels_become_images_in_0_to_1() -> None:
    pixels = np.arange(2 * 784).reshape(2, 784).astype(np.uint8)
    images = preprocess.to_images(pixels)
    assert images.shape == (2, 28, 28, 1)
    assert images.dtype == np.float32
    assert images[0, 1, 2, 0] == np.float32(pixels[0, 30] / np.float32(255))
    assert (images.min(), images.max()) == (0, 1)


@pytest.mark.parametrize("blocks", [1, 3, 40])
def test_an_array_streamed_in_blocks_is_the_array(tmp_path: Path, blocks: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 784)).astype(np.uint8)
    path = tmp_path / "images.npy"
    assert preprocess.write_images(path, iter(np.array_split(pixels, blocks))) == 40
    np.testing.assert_array_equal(read_images(path), preprocess.to_images(pixels))
    np.save(tmp_path / "whole.npy", preprocess.to_images(pixels))
    assert path.read_bytes() == (tmp_path / "whole.npy").read_bytes()


@pytest.mark.usefixtures("source")
def test_the_stage_writes_images_and_labels(digits: tuple[Pixels, Pixels]) -> None:
    preprocess.main()
    pixels, labels = digits
    prepared = preprocess.PREPARED
    np.testing.assert_array_equal(
        read_images(prepared / "train_images.npy"), preprocess.to_images(pixels[:60])
    )
    np.testing.assert_array_equal(
        read_images(prepared / "test_images.npy"), preprocess.to_images(pixels[60:80])
    )
    np.testing.assert_array_equal(open_labels(prepared / "train_labels.npy"), labels[:60])
