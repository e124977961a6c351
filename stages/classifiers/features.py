"""Features of an image for `svm` and `knn`: how strongly it changes, by direction and place."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from stages.formats.prepared import ImageRows
from stages.formats.task import SIDE
from stages.harness.errors import InputError
from stages.harness.section import Section

Floats = npt.NDArray[np.float32]
Planes = npt.NDArray[np.float32]  # (n, 28, 28)

AXIS = np.arange(SIDE, dtype=np.float32)
SPREAD = np.array([5.5, 4.2], np.float32)  # pixels, down and across: of a large upright digit
TINY = np.float32(1e-6)
BLOCK = 500  # images at a time; bounds the memory
PROBE = np.tri(SIDE, dtype=np.float32)[None, :, :, None]  # an image to tell versions of this apart


class Encoding(Section):
    """The parameters of the vectors that `svm` and `knn` compare."""

    deskew: bool
    orientations: Annotated[int, Field(ge=2, le=32)]
    cells: Annotated[int, Field(ge=1, le=14)]
    components: Annotated[int, Field(ge=1, le=1024)]


def deskew(planes: Planes) -> Planes:
    """Shears each digit upright, and brings its width and height nearer to those of the others.

    All by the second moments of the ink. The new standard deviation of the ink by row and by column
    is the geometric mean of the old one and `SPREAD`, if the old one is a quarter of it or more.

    Returns:
        float32 (n, 28, 28), each value in [0, 1].

    Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to
    Document Recognition", Proceedings of the IEEE 86, 1998 ("deslanting"); for the size C.-L. Liu,
    K. Nakashima, H. Sako and H. Fujisawa, "Handwritten Digit Recognition: Investigation of
    Normalization and Feature Extraction Techniques", Pattern Recognition 37, 2004 (moments).
    """
    by_row, by_column = planes.sum(axis=2), planes.sum(axis=1)
    ink = np.maximum(by_row.sum(axis=1), TINY)
    middles = [(by_row @ AXIS / ink)[:, None], (by_column @ AXIS / ink)[:, None]]
    dy, dx = (AXIS - middle for middle in middles)
    covariance = (np.matmul(planes, dx[:, :, None])[:, :, 0] * dy).sum(axis=1)
    height, width = (by_row * dy**2).sum(axis=1), (by_column * dx**2).sum(axis=1)
    slant = np.clip(covariance / np.maximum(height, TINY), -1, 1)
    variances = np.stack([height, width - slant * covariance]) / ink
    ratios = np.sqrt(np.maximum(variances, 0)) / SPREAD[:, None]
    step_y, step_x = np.sqrt(np.maximum(ratios, np.float32(0.25)))[:, :, None]
    from_x = (middles[1] + step_x * dx)[:, None] + (slant[:, None] * dy)[:, :, None]
    upright = resample(planes, from_x).transpose(0, 2, 1)
    from_y = np.broadcast_to((middles[0] + step_y * dy)[:, None], planes.shape)
    return resample(upright, from_y).transpose(0, 2, 1)


def resample(planes: Planes, places: Planes) -> Planes:
    """Reads the rows of planes at `places` (n, 28, 28) between columns; outside is background."""
    left = np.floor(places)
    share = places - left
    # One column of background on each side is enough: all columns outside are background.
    padded = np.pad(planes, ((0, 0), (0, 0), (1, 1)))
    at, after = (np.clip(left + k, 0, SIDE + 1).astype(np.intp) for k in (1, 2))
    read: Planes = (1 - share) * np.take_along_axis(padded, at, axis=2)
    read += share * np.take_along_axis(padded, after, axis=2)
    return read


def sum_gradients(planes: Planes, orientations: int, cells: int) -> Floats:
    """Sums the gradients of each direction in overlapping cells, and takes the square root.

    Args:
        orientations: number of directions in a full turn.
        cells: number of cells in each row and each column of cells.

    Returns:
        float32 (n, orientations * cells * cells), each value 0 or more.

    Source: N. Dalal and B. Triggs, "Histograms of Oriented Gradients for Human Detection",
    CVPR 2005, but with directions of a full turn and without blocks; the root as in R. Arandjelović
    and A. Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012.
    """
    dy, dx = np.gradient(planes, axis=(1, 2))
    strength = np.hypot(dx, dy)
    direction = np.arctan2(dy, dx) * np.float32(orientations / (2 * np.pi))
    centres = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) * SIDE / cells - 0.5
    weights = np.maximum(0, 1 - np.abs(AXIS - centres[:, None]) * cells / SIDE)
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    histograms = []
    for orientation in range(orientations):
        # A gradient between two directions is shared between them.
        away = np.abs(
            (direction - orientation + orientations / 2) % orientations - orientations / 2
        )
        histograms.append(weights @ (strength * np.maximum(0, 1 - away)) @ weights.T)
    rooted: Floats = np.sqrt(np.stack(histograms, axis=1).reshape(len(planes), -1))
    return rooted


def extract_features(images: ImageRows, upright: bool, orientations: int, cells: int) -> Floats:
    """Returns the features of images, float32 (n, features); see `sum_gradients`.

    Args:
        images: float32 (n, 28, 28, 1), each value in [0, 1].
        upright: whether to `deskew` the images first.

    Raises:
        InputError: the images have another shape.
    """
    shape = images[:1].shape[1:]
    if shape != (SIDE, SIDE, 1):
        raise InputError(
            f"svm and knn read grey images of shape {(SIDE, SIDE, 1)}, and these have shape "
            f"{shape}; choose mlp or cnn as train.model"
        )
    features = []
    for start in range(0, len(images), BLOCK):
        planes = images[start : start + BLOCK][..., 0]
        planes = deskew(planes) if upright else planes
        features.append(sum_gradients(planes, orientations, cells))
    return np.concatenate(features)
