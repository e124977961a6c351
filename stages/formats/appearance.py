"""What is strange about labelled and test images: which are equal, and how they look."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.formats.prepared import Images, Labels, Rows

Digests = npt.NDArray[np.uint64]  # (n,)


LOOK = "brightest pixel {:.0f}, mean {:.0f}, mean at the border {:.0f}"  # 0 to 255


def look_at(images: Images) -> tuple[float, float, float]:
    """Returns the numbers of `LOOK`, of about a thousand digits: float32 (n, *shape) in [0, 1]."""
    seen = 255 * images[:: images.size // 784_000 + 1]
    border = np.ones(seen.shape[1:], bool)
    border[1:-1, 1:-1] = False
    return float(seen.max()), float(seen.mean()), float(seen[:, border].mean())


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
        lines.append(f"{shared:,} test images equal a labelled one: their score would be too high")
    return lines


def describe_look(images: Mapping[str, Images], *, are_digits: bool) -> list[str]:
    """Returns a line if digits are unlike MNIST's, and one if labelled and test images differ."""
    looks = {which: look_at(array) for which, array in images.items() if len(array)}
    said = {which: f"{which} images: {LOOK.format(*look)}" for which, look in looks.items()}
    lines = []
    for which, (brightest, _, border) in looks.items():
        line = f"{said[which]}; MNIST's digits are white on black, from 0 to 255"
        if are_digits and border > 127:
            lines.append(f"{line}: replace each pixel p by 255 - p")
        elif are_digits and brightest < 128:
            lines.append(f"{line}: make the brightest pixel 255")
    levels, means, _ = zip(*looks.values(), strict=True)
    if max(levels) > 2 * min(levels) or max(means) - min(means) > 64:
        advice = "make them alike, or the test images are predicted wrong"
        lines.append(f"{'; '.join(said.values())}: {advice}")
    return lines
