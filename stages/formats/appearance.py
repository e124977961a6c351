"""What is strange about labelled and test images: which are equal, and how they look."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from stages.formats.prepared import Images, Labels, Rows

Digests = npt.NDArray[np.uint64]  # (n,)


class Look(NamedTuple):
    """How some images look: levels of grey, 0-255."""

    brightest: float
    mean: float
    border: float  # the mean at the border; that of MNIST's digits is 0

    def __str__(self) -> str:
        return "brightest pixel {:.0f}, mean {:.0f}, mean at the border {:.0f}".format(*self)


def look_at(images: Images) -> Look:
    """Looks at about a thousand of the images, float32 (n, *shape) in [0, 1]."""
    seen = 255 * images[:: len(images) // 1000 + 1]
    border = np.ones(seen.shape[1:], bool)
    border[1:-1, 1:-1] = False
    return Look(float(seen.max()), float(seen.mean()), float(seen[:, border].mean()))


def digest(pixels: npt.NDArray[np.unsignedinteger]) -> Digests:
    """Returns a digest of each image (n, ...); two unlike ones agree once in 2**64."""
    digests = (blake2b(row, digest_size=8).digest() for row in pixels)
    return np.frombuffer(b"".join(digests), np.uint64)


def find_first(*keys: npt.NDArray[Any]) -> Rows:
    """Finds the first row of each row's group: int64 (n,), mostly the row itself.

    Rows that agree in one of the keys, each (n,), are in one group, and so are those that are
    connected by others.
    """
    firsts = []
    for key in keys:
        _, places, inverse = np.unique(key, return_index=True, return_inverse=True)
        firsts.append(places[inverse])
    if len(keys) == 1:
        return firsts[0]
    from scipy.sparse import coo_array  # a tenth of a second to import
    from scipy.sparse.csgraph import connected_components

    count = len(keys[0])
    ends = np.tile(np.arange(count), len(keys)), np.concatenate(firsts)
    links = coo_array((np.ones(len(ends[0])), ends), (count, count))
    return find_first(connected_components(links, directed=False)[1])


def describe_equal(firsts: Rows, labels: Labels, shared: int) -> list[str]:
    """Returns lines that say how many images are equal; none if no two are.

    `firsts` has the first image that is equal, for each labelled one; `shared` test images are
    equal to a labelled one.
    """
    lines, equal = [], np.flatnonzero(firsts < np.arange(len(firsts)))
    if len(equal):
        other = np.count_nonzero(labels[equal] != labels[firsts[equal]])
        line = f"{len(equal):,} labelled images equal an earlier one, {other:,} of them with "
        lines.append(f"{line}another label; equal images stay on one side of the split")
    if shared:
        lines.append(f"{shared:,} test images equal a labelled one")
    return lines


def describe_look(looks: Mapping[str, Look], *, are_digits: bool) -> list[str]:
    """Returns a line if digits are unlike MNIST's, and one if labelled and test images differ."""
    lines = []
    for which, look in looks.items():
        line = f"{which} images: {look}; MNIST's digits are white on black, from 0 to 255"
        if are_digits and look.border > 127:
            lines.append(f"{line}: replace each pixel p by 255 - p")
        elif are_digits and look.brightest < 128:
            lines.append(f"{line}: make the brightest pixel 255")
    levels, means, _ = zip(*looks.values(), strict=True)
    if max(levels) > 2 * min(levels) or max(means) - min(means) > 64:
        line = "; ".join(f"{which} images: {look}" for which, look in looks.items())
        lines.append(f"{line}: make them alike, or the test images are predicted wrong")
    return lines
