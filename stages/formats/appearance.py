"""What is strange about the images of train.csv and test.csv: equal ones, and how they look."""

from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.formats.prepared import Images, Labels, Rows
from stages.formats.task import CLASSES

Digests = npt.NDArray[np.uint64]  # (n,)

DIGITS = tuple("0123456789")


class Look(NamedTuple):
    """How some images look: levels of grey, 0-255."""

    brightest: float
    mean: float
    border: float  # the mean at the border; that of MNIST's digits is 0

    def __str__(self) -> str:
        return "brightest pixel {:.0f}, mean {:.0f}, mean at the border {:.0f}".format(*self)


def look_at(images: Images) -> Look:
    """Looks at about a thousand of the images, float32 (n, *SHAPE) in [0, 1]."""
    seen = 255 * images[:: len(images) // 1000 + 1]
    border = np.ones(seen.shape[1:], bool)
    border[1:-1, 1:-1] = False
    return Look(float(seen.max()), float(seen.mean()), float(seen[:, border].mean()))


def digest(pixels: npt.NDArray[np.uint8]) -> Digests:
    """Returns a digest of each image of uint8 (n, ...); two unlike ones agree once in 2**64."""
    return np.frombuffer(
        b"".join(blake2b(row, digest_size=8).digest() for row in pixels), np.uint64
    )


def find_equal(digests: Digests) -> Rows:
    """Finds the images that are equal to an earlier one: int64 (k, 2), the row and that one's."""
    _, places, inverse = np.unique(digests, return_index=True, return_inverse=True)
    firsts = places[inverse]
    rows = np.flatnonzero(firsts < np.arange(len(digests)))
    return np.column_stack([rows, firsts[rows]])


def describe_equal(equal: Rows, labels: Labels, shared: int) -> list[str]:
    """Returns lines that say how many images are equal; none if no two are.

    `equal` is `find_equal` of train.csv; `shared` images of test.csv are equal to one of train.csv.
    """
    lines = []
    if len(equal):
        other = np.count_nonzero(labels[equal[:, 0]] != labels[equal[:, 1]])
        line = (
            f"train.csv: {len(equal):,} of the images equal an earlier one, {other:,} of them with "
        )
        lines.append(f"{line}another label; equal images stay on one side of the split")
    if shared:
        lines.append(f"test.csv: {shared:,} of the images equal an image of train.csv")
    return lines


def describe_look(train: Look, test: Look) -> list[str]:
    """Returns a line if digits are unlike MNIST's, and one if the two files are unlike."""
    lines = []
    for file, look in (("train.csv", train), ("test.csv", test)):
        line = f"{file}: {look}; MNIST's digits are white on black, from 0 to 255"
        if CLASSES == DIGITS and look.border > 127:
            lines.append(f"{line}: replace each pixel p by 255 - p")
        elif CLASSES == DIGITS and look.brightest < 128:
            lines.append(f"{line}: make the brightest pixel 255")
    darker, brighter = sorted((train.brightest, test.brightest))
    if brighter > 2 * darker or abs(train.mean - test.mean) > 64:
        line = f"train.csv has {train}, and test.csv {test}"
        lines.append(f"{line}: make them alike, or the test images are predicted wrong")
    return lines
