"""MNIST as its makers published it: four IDX files, downloaded, checked and turned into CSV."""

import gzip
import math
import struct
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pooch

from stages.dataset import CLASSES, SIDE, write_csv
from stages.errors import InputError, run
from stages.outputs import new_folder

GIVEN = Path("data/mnist-idx")  # looked into first: for files that were brought by hand
CACHE = Path(pooch.os_cache("mnist"))  # of the user: one download serves every clone
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
# Of images and of labels: unsigned bytes (0x08) in three dimensions and in one.
MAGIC = {3: b"\0\0\x08\x03", 1: b"\0\0\x08\x01"}
LARGEST = 200_000_000  # bytes; the longest of the four unpacks to 47 million


def find(name: str, md5: str) -> Path:
    """Returns where file `name` is, downloaded if need be.

    Raises:
        InputError: a file that is there has another md5, or see `download`.
    """
    for path in (GIVEN / name, CACHE / name):
        if path.exists():
            if not pooch.hashes.hash_matches(path, f"md5:{md5}"):
                raise InputError(f"{path}: md5 is not {md5}; delete it to have it downloaded")
            return path
    return download(name, CACHE, MIRRORS, md5)


def download(name: str, folder: Path, mirrors: Sequence[str], md5: str) -> Path:
    """Saves file `name` in `folder`, from the first mirror that sends it whole.

    Raises:
        InputError: no mirror answers with a file of that md5.
    """
    failures = []
    for mirror in mirrors:
        try:
            pooch.retrieve(
                mirror + name,
                known_hash=f"md5:{md5}",
                fname=name,
                path=folder,
                downloader=pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=30),
            )
            return folder / name
        except (OSError, ValueError) as error:
            failures.append(f"{mirror} ({type(error).__name__})")
    raise InputError(
        f"{name}: no mirror sent it whole: {', '.join(failures)}; "
        f"check the network, or put the file into {GIVEN}"
    )


def read_idx(path: Path, dimensions: int) -> npt.NDArray[np.uint8]:
    """Reads a gzipped IDX file of unsigned bytes, the form of http://yann.lecun.com/exdb/mnist.

    Raises:
        InputError: not gzip, another magic number or size, or cut short.
    """
    start = 4 + 4 * dimensions
    try:
        with gzip.open(path) as file:
            header = file.read(start)
            if header[:4] != MAGIC[dimensions] or len(header) < start:
                raise InputError(
                    f"{path}: starts with {header[:4].hex() or 'nothing'}; "
                    f"expected an IDX file that starts with {MAGIC[dimensions].hex()}"
                )
            shape = struct.unpack(f">{dimensions}I", header[4:])
            expected = math.prod(shape)
            if expected > LARGEST:
                raise InputError(f"{path}: {expected:,} bytes; expected at most {LARGEST:,}")
            data = file.read(expected + 1)  # one more, to see whether there are more
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{path}: not a whole gzip file: {error}; delete it to have it downloaded"
        ) from None
    if len(data) != expected:
        found = f"{len(data):,}" if len(data) < expected else "more"
        raise InputError(f"{path}: {found} bytes after the header; expected {expected:,}")
    return np.frombuffer(data, np.uint8).reshape(shape)


def read_pair(images: Path, labels: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Reads pixels (n, 784) and labels (n,) that belong together."""
    pixels, digits = read_idx(images, 3), read_idx(labels, 1)
    if pixels.shape != (len(digits), SIDE, SIDE) or not len(digits):
        raise InputError(
            f"{images}: shape {pixels.shape}; expected {(len(digits), SIDE, SIDE)}, an image for "
            f"each label of {labels}"
        )
    if digits.max() >= CLASSES:
        row = int((digits >= CLASSES).argmax())
        raise InputError(f"{labels} row {row}: label {digits[row]}; expected 0-{CLASSES - 1}")
    return pixels.reshape(len(digits), -1), digits


def main() -> None:
    pooch.get_logger().setLevel("WARNING")
    files = [find(name, md5) for name, md5 in MD5.items()]
    pixels, labels = read_pair(*files[:2])
    test_pixels, _ = read_pair(*files[2:])
    with new_folder(Path("data/mnist")) as folder:
        write_csv(folder / "train.csv", pixels, labels)
        write_csv(folder / "test.csv", test_pixels)
    print(f"data/mnist: {len(labels):,} labelled and {len(test_pixels):,} unlabelled digits")


if __name__ == "__main__":
    run(main)
