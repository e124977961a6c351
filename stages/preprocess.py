"""Turns train.csv and test.csv into arrays of images, each pixel in [0, 1]."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib.format import write_array_header_1_0

from stages.formats.arrays import write_sums
from stages.formats.competition import read_chunks
from stages.formats.prepared import to_images
from stages.formats.task import SHAPE
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder


def convert(csv: Path, images: Path, labels: Path | None = None) -> int:
    """Writes the images of a CSV file, and its labels if it has any, as .npy files.

    Args:
        csv: see `read_chunks`, which raises an InputError if it is not as expected.
        images: for float32 (n, *SHAPE) in [0, 1]. Few of them are in memory at a time.
        labels: for uint8 (n,).

    Returns:
        n, the number of images.
    """
    parts = []
    with images.open("wb") as file:
        _write_header(file, 0)
        for chunk in read_chunks(csv, labelled=labels is not None, note=print):
            parts.append(chunk[:, 0].copy())  # a view would keep the pixels in memory
            file.write(to_images(chunk[:, labels is not None :]).data)
        count = sum(map(len, parts))
        # Now n is known; NumPy leaves space in a header for a longer number. A memory map would
        # end in a bus error on a full disk.
        file.seek(0)
        _write_header(file, count)
    if labels:
        np.save(labels, np.concatenate(parts))
    return count


def _write_header(file: BinaryIO, count: int) -> None:
    form = {"descr": "<f4", "fortran_order": False, "shape": (count, *SHAPE)}
    write_array_header_1_0(file, form)


def main() -> None:
    with new_folder(paths.PREPARED) as folder:
        train, labels = folder / paths.TRAIN_IMAGES.name, folder / paths.TRAIN_LABELS.name
        labelled = convert(paths.TRAIN_CSV, train, labels)
        unlabelled = convert(paths.TEST_CSV, folder / paths.TEST_IMAGES.name)
        write_sums(folder)
    print(f"{labelled:,} labelled and {unlabelled:,} unlabelled images")


if __name__ == "__main__":
    run(main)
