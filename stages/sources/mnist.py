"""MNIST and Fashion-MNIST as published: four IDX files, given or downloaded, turned into CSV."""

import gzip
import math
import os
import struct
import sys
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pooch

from stages.formats.competition import write_csv
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.errors import InputError

# One download serves every clone of a user.
CACHE = Path(os.environ.get("MNIST_DIR") or pooch.os_cache("mnist"))
FILES = tuple(
    f"{part}-{kind}-ubyte.gz"
    for part in ("train", "t10k")
    for kind in ("images-idx3", "labels-idx1")
)


class Publication(NamedTuple):
    mirrors: tuple[str, ...]
    md5: tuple[str, ...]  # of each of `FILES`
    folder: str = ""  # in the user's cache


PUBLISHED = {  # by the name of the source
    "mnist": Publication(
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        (
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
    ),
    "fashion_mnist": Publication(
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        folder="fashion",
    ),
}
# Of images and of labels: unsigned bytes (0x08) in three dimensions and in one.
MAGIC = {3: b"\0\0\x08\x03", 1: b"\0\0\x08\x01"}
LARGEST = 200_000_000  # bytes; the longest of the four unpacks to 47 million


def fetch(source: Path, raw: Path) -> None:
    """Writes the 60,000 labelled images and the 10,000 others to the folder `raw`.

    Files in the folder `source`, gzipped or not, are used as they are; others are downloaded,
    each checked against its MD5. The labels of test.csv are not read into it.

    Raises:
        InputError: no mirror sends a file whole, or a file is not what it should be.
    """
    paths = [find(source, name) for name in FILES]
    pixels, labels = read_pair(*paths[:2])
    test_pixels, _ = read_pair(*paths[2:])
    write_csv(raw / "train.csv", pixels, labels)
    write_csv(raw / "test.csv", test_pixels)


def find(source: Path, name: str) -> Path:
    """Returns where file `name` is; a file that is not in `source` is downloaded."""
    given = [path for path in (source / name, source / Path(name).stem) if path.is_file()]
    return given[0] if given else download(name, source)


def download(name: str, source: Path) -> Path:
    """Returns file `name` in the user's cache, from the first mirror that sends it whole.

    Raises:
        InputError: no mirror answers with a file of the known MD5.
    """
    pooch.get_logger().setLevel("WARNING")
    failures = []
    mirrors, digests, folder = PUBLISHED[source.name]
    for mirror in mirrors:
        try:
            pooch.retrieve(
                mirror + name,
                known_hash=f"md5:{digests[FILES.index(name)]}",
                fname=name,
                path=CACHE / folder,
                downloader=pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=30),
            )
            return CACHE / folder / name
        except (OSError, ValueError) as error:
            failures.append(f"{mirror} ({type(error).__name__})")
    raise InputError(
        f"{name}: no mirror sent it whole: {', '.join(failures)}; "
        f"check the network, or put the file into {source}"
    )


def read_idx(path: Path, dimensions: int) -> npt.NDArray[np.uint8]:
    """Reads an IDX file of unsigned bytes, the form of http://yann.lecun.com/exdb/mnist.

    Raises:
        InputError: not a whole gzip file, another magic number or size, or cut short.
    """
    start = 4 + 4 * dimensions
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
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
            f"{path}: not a whole file: {error}; delete it to have it downloaded"
        ) from None
    if len(data) != expected:
        found = f"{len(data):,}" if len(data) < expected else "more"
        raise InputError(f"{path}: {found} bytes after the header; expected {expected:,}")
    return np.frombuffer(data, np.uint8).reshape(shape)


def read_pair(images: Path, labels: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Reads pixels (n, 784) and labels (n,) that belong together."""
    pixels, numbers = read_idx(images, 3), read_idx(labels, 1)
    shape, expected = (*pixels.shape, 1), (len(numbers), *SHAPE)
    if shape != expected or not len(numbers):
        raise InputError(
            f"{images}: shape {shape}; expected {expected}, an image for each label of {labels}"
        )
    if numbers.max() >= CLASS_COUNT:
        row = int((numbers >= CLASS_COUNT).argmax())
        raise InputError(f"{labels} row {row}: label {numbers[row]}; expected 0-{CLASS_COUNT - 1}")
    return pixels.reshape(len(numbers), -1), numbers
