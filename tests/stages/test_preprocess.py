"""Preprocessing: the values, the shape, and which form of CSV file is named."""

from pathlib import Path

import numpy as np
import pytest

from stages import preprocess
from stages.formats.arrays import write_sums
from stages.formats.prepared import StoredImages, read_labels, to_images
from stages.harness import paths
from tests.support.samples import Pixels


@pytest.mark.parametrize("blocks", [1, 3, 40])
def test_an_array_streamed_in_blocks_is_the_array(tmp_path: Path, blocks: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 784)).astype(np.uint8)
    path = tmp_path / "images.npy"
    assert preprocess.write_images(path, iter(np.array_split(pixels, blocks))) == 40
    write_sums(tmp_path)
    np.testing.assert_array_equal(StoredImages(path)[:], to_images(pixels))
    np.save(tmp_path / "whole.npy", to_images(pixels))
    assert path.read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_the_stage_writes_images_in_0_to_1_and_labels(
    source: Path, digits: tuple[Pixels, Pixels]
) -> None:
    preprocess.main()
    pixels, labels = digits
    images = StoredImages(paths.TRAIN_IMAGES)[:]
    assert (images.shape, images.dtype.name) == ((60, 28, 28, 1), "float32")
    assert (images.min(), images.max()) == (0, 1)
    np.testing.assert_array_equal(images.reshape(60, 784), pixels[:60] / np.float32(255))
    np.testing.assert_array_equal(StoredImages(paths.TEST_IMAGES)[:], to_images(pixels[60:80]))
    np.testing.assert_array_equal(read_labels(paths.TRAIN_LABELS), labels[:60])


def test_another_form_is_named_and_gives_the_same_bytes(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare() -> tuple[dict[str, bytes], list[str]]:
        preprocess.main()
        files = {path.name: path.read_bytes() for path in paths.PREPARED.iterdir()}
        return files, capsys.readouterr().out.splitlines()

    expected, [counts] = prepare()
    for path in (paths.TRAIN_CSV, paths.TEST_CSV):
        path.write_text(path.read_text().split("\n", 1)[1])
    assert prepare() == (
        expected,
        [
            "data/raw/train.csv: read as no header, label first",
            "data/raw/test.csv: read as no header",
            counts,
        ],
    )
