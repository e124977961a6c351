"""Turns train.csv and test.csv into arrays of images, each pixel in [0, 1]."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from stages.formats.arrays import write_sums
from stages.formats.competition import read_blocks
from stages.formats.prepared import Labels, to_images
from stages.formats.task import SHAPE
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder


def write_images(path: Path, blocks: Iterator[npt.NDArray[np.uint8]]) -> int:
    """Writes pixels as one .npy file of images, float32 (n, *SHAPE) in [0, 1]; returns n.

    Args:
        blocks: uint8 (rows, pixels) each. Only one is in memory at a time: the header is written
            twice, because n is known at the end. NumPy leaves space in it for a longer number.
    """
    count = 0
    with path.open("wb") as file:
        _write_header(file, count)
        for pixels in blocks:
            file.write(to_images(pixels).data)
            count += len(pixels)
        file.seek(0)
        _write_header(file, count)
    return count


def _write_header(file: BinaryIO, count: int) -> None:
    np.lib.format.write_array_header_1_0(
        file, {"descr": "<f4", "fortran_order": False, "shape": (count, *SHAPE)}
    )


def prepare(folder: Path) -> tuple[int, int]:
    """Writes the arrays of data/prepared to `folder`; counts the labelled and the other images.

    Raises:
        InputError: see `read_blocks`.
    """
    labels: list[Labels] = []

    def collect_labels(blocks: Iterator[npt.NDArray[np.uint8]]) -> Iterator[npt.NDArray[np.uint8]]:
        for block in blocks:
            labels.append(block[:, 0].copy())  # a view would keep the pixels in memory
            yield block[:, 1:]

    train = collect_labels(read_blocks(paths.TRAIN_CSV, labelled=True, note=print))
    labelled = write_images(folder / paths.TRAIN_IMAGES.name, train)
    test = read_blocks(paths.TEST_CSV, labelled=False, note=print)
    unlabelled = write_images(folder / paths.TEST_IMAGES.name, test)
    np.save(folder / paths.TRAIN_LABELS.name, np.concatenate(labels))
    return labelled, unlabelled


def main() -> None:
    with new_folder(paths.PREPARED) as folder:
        labelled, unlabelled = prepare(folder)
        write_sums(folder)
    print(f"{labelled:,} labelled and {unlabelled:,} unlabelled images")


if __name__ == "__main__":
    run(main)
