"""Turns the source's CSV files into arrays of images, each pixel in [0, 1]."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from stages.arrays import write_sums
from stages.dataset import SIDE, read_blocks
from stages.errors import run
from stages.outputs import new_folder
from stages.params import read_params

PREPARED = Path("data/prepared")


def to_images(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Reshapes and normalises pixels (n, 784) in 0-255 to images (n, 28, 28, 1) in [0, 1]."""
    return np.divide(pixels, np.float32(255), dtype=np.float32).reshape(-1, SIDE, SIDE, 1)


def write_images(path: Path, blocks: Iterator[npt.NDArray[np.uint8]]) -> int:
    """Writes blocks of pixel rows as one .npy file of images; returns the number of images.

    Only one block is in memory: the header is written again when the number is known, into
    the room that the format leaves for a longer first axis.
    """
    count = 0
    with path.open("wb") as file:
        _write_header(file, count)
        for pixels in blocks:
            file.write(to_images(pixels).tobytes())
            count += len(pixels)
        file.seek(0)
        _write_header(file, count)
    return count


def _write_header(file: BinaryIO, count: int) -> None:
    np.lib.format.write_array_header_1_0(
        file, {"descr": "<f4", "fortran_order": False, "shape": (count, SIDE, SIDE, 1)}
    )


def prepare(source: Path, folder: Path) -> dict[str, int]:
    """Writes `train_images`, `train_labels` and `test_images` (.npy) of `source` to `folder`."""
    labels = []

    def without_labels() -> Iterator[npt.NDArray[np.uint8]]:
        for block in read_blocks(source / "train.csv", labelled=True):
            labels.append(block[:, 0])
            yield block[:, 1:]

    train = write_images(folder / "train_images.npy", without_labels())
    test = write_images(
        folder / "test_images.npy", read_blocks(source / "test.csv", labelled=False)
    )
    np.save(folder / "train_labels.npy", np.concatenate(labels))
    return {"train": train, "test": test}


def main() -> None:
    source = Path("data", read_params().data.source)
    with new_folder(PREPARED) as folder:
        counts = prepare(source, folder)
        write_sums(folder)
    print(f"{source}: {counts['train']:,} labelled and {counts['test']:,} unlabelled images")


if __name__ == "__main__":
    run(main)
