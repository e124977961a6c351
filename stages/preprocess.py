"""Turns train.csv and test.csv into arrays of images, each pixel in [0, 1]."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib.format import write_array_header_1_0

from stages.formats.appearance import (
    Digests,
    describe_equal,
    describe_look,
    digest,
    find_equal,
    look_at,
)
from stages.formats.arrays import check_sum, write_sums
from stages.formats.competition import read_chunks
from stages.formats.prepared import to_images
from stages.formats.task import SHAPE
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder


def convert(csv: Path, images: Path, labels: Path | None = None) -> Digests:
    """Writes the images of a CSV file, and its labels if it has any, as .npy files.

    Args:
        csv: see `check_sum` and `read_chunks`, which raise an InputError if it is not as expected.
        images: for float32 (n, *SHAPE) in [0, 1]. Few of them are in memory at a time.
        labels: for uint8 (n,).

    Returns:
        A digest of each image; equal images have equal digests.
    """
    check_sum(csv)
    digests, classes = [], []
    with images.open("wb") as file:
        _write_header(file, 0)
        for chunk in read_chunks(csv, labelled=labels is not None, note=print):
            pixels = np.ascontiguousarray(chunk[:, labels is not None :])
            file.write(to_images(pixels).data)  # a memory map would crash on a full disk
            digests.append(digest(pixels))
            if labels:
                classes.append(chunk[:, 0].copy())  # a view would keep the pixels in memory
        # Now n is known; NumPy leaves space in a header for a longer number.
        file.seek(0)
        _write_header(file, sum(map(len, digests)))
    if labels:
        np.save(labels, np.concatenate(classes))
    return np.concatenate(digests)


def _write_header(file: BinaryIO, count: int) -> None:
    form = {"descr": "<f4", "fortran_order": False, "shape": (count, *SHAPE)}
    write_array_header_1_0(file, form)


def main() -> None:
    with new_folder(paths.PREPARED) as folder:
        train, test = folder / paths.TRAIN_IMAGES.name, folder / paths.TEST_IMAGES.name
        labels = folder / paths.TRAIN_LABELS.name
        labelled = convert(paths.TRAIN_CSV, train, labels)
        unlabelled = convert(paths.TEST_CSV, test)
        equal = find_equal(labelled)
        if len(equal):
            np.save(folder / paths.EQUAL_IMAGES.name, equal)
        looks = (look_at(np.load(path, mmap_mode="r")) for path in (train, test))
        shared = int(np.isin(unlabelled, labelled).sum())
        warnings = describe_equal(equal, np.load(labels), shared) + describe_look(*looks)
        if warnings:
            text = "\n".join(warnings) + "\n"
            (folder / paths.DATA_WARNINGS.name).write_text(text, encoding="utf-8", newline="\n")
        write_sums(folder)
    for line in warnings:
        print(f"warning: {line}")
    print(f"{len(labelled):,} labelled and {len(unlabelled):,} unlabelled images")


if __name__ == "__main__":
    run(main)
