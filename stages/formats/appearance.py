"""What the images of train.csv and test.csv look like, and what is strange about it."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from stages.formats.prepared import Labels, Rows
from stages.formats.task import CLASSES, SHAPE

DIGITS = tuple("0123456789")
UNLIKE = 64  # levels of grey between the mean brightness of two files


@dataclass
class Appearance:
    """Sums over the images of a file.

    Attributes:
        digests: of each image; equal ones have equal digests.
        highest: the brightest pixel, 0-255.
        total: the sum of all pixels.
        border: the sum of the pixels at the border; there are `4 * side - 4` in an image.
    """

    digests: list[bytes]
    highest: int = 0
    total: int = 0
    border: int = 0

    def add(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Adds images, uint8 (n, numbers of an image)."""
        self.digests += [blake2b(image, digest_size=16).digest() for image in pixels]
        self.highest = max(self.highest, int(pixels.max(initial=0)))
        self.total += int(pixels.sum(dtype=np.int64))
        images = pixels.reshape(-1, *SHAPE)
        inner = images[:, 1:-1, 1:-1].sum(dtype=np.int64)
        self.border += int(images.sum(dtype=np.int64) - inner)

    @property
    def mean(self) -> float:
        """The mean brightness, 0-255."""
        return self.total / (len(self.digests) * np.prod(SHAPE))

    @property
    def mean_border(self) -> float:
        """The mean brightness of the border, 0-255; that of MNIST is black."""
        height, width, channels = SHAPE
        inner = max(height - 2, 0) * max(width - 2, 0)
        return self.border / (len(self.digests) * (height * width - inner) * channels)

    def __str__(self) -> str:
        seen = f"the brightest pixel is {self.highest}, the mean {self.mean:.0f}"
        return f"{seen}, the mean at the border {self.mean_border:.0f}"


def find_equal(digests: list[bytes]) -> Rows:
    """Finds the images that are equal to an earlier one: int64 (k, 2), the row and that one's."""
    first: dict[bytes, int] = {}
    pairs = [(row, first.setdefault(digest, row)) for row, digest in enumerate(digests)]
    return np.array([pair for pair in pairs if pair[0] != pair[1]], np.int64).reshape(-1, 2)


def list_warnings(train: Appearance, test: Appearance, equal: Rows, labels: Labels) -> list[str]:
    """Lists what a user should know of the data, a line each; nothing of what is as usual.

    Args:
        equal: see `find_equal`, of train.csv.
        labels: uint8 (n,), of train.csv.
    """
    lines = []
    if len(equal):
        other = np.count_nonzero(labels[equal[:, 0]] != labels[equal[:, 1]])
        line = f"train.csv: {len(equal):,} images are equal to an earlier one, {other:,} of them "
        lines.append(f"{line}with another label; equal images stay on one side of the split")
    known = set(train.digests)
    if both := sum(digest in known for digest in test.digests):
        lines.append(f"test.csv: {both:,} images are equal to an image of train.csv")
    if CLASSES == DIGITS:
        lines += _compare_with_mnist("train.csv", train) + _compare_with_mnist("test.csv", test)
    scale = max(train.highest, test.highest) / min(train.highest, test.highest)
    if scale > 2 or abs(train.mean - test.mean) > UNLIKE:
        line = f"train.csv and test.csv look unlike each other. In train.csv, {train}; in test.csv"
        lines.append(f"{line}, {test}: make them alike, or the test images are predicted wrong")
    return lines


def _compare_with_mnist(file: str, seen: Appearance) -> list[str]:
    if seen.mean_border > 127:
        fault, fix = "dark digits on a light background", "replace each pixel p by 255 - p"
    elif seen.highest < 128:
        fault, fix = "pixels on another scale", f"multiply each by {255 // seen.highest}"
    else:
        return []
    return [f"{file}: these look like {fault}: {seen}; MNIST's are white on black, 0-255: {fix}"]
