"""Features of an image for `svm` and `knn`: how strongly it changes, by direction and place."""

import numpy as np
import numpy.typing as npt

from stages.classifiers.network import count_batch
from stages.formats.prepared import ImageRows, Images

Floats = npt.NDArray[np.float32]
Planes = npt.NDArray[np.float32]  # (n, 28, 28)

SIDE = 28  # pixels: the height and width of digits, which alone are made upright
AXIS = np.arange(SIDE, dtype=np.float32)
SPREAD = np.array([5.5, 4.2], np.float32)  # pixels, down and across: of a large upright digit
COLOUR = np.float32(0.3)  # of mean colours against gradients: with 1, colour outweighs form
TINY = np.float32(1e-6)
PROBE = np.tri(SIDE, dtype=np.float32)[None, :, :, None]  # an image to tell versions of this apart


def deskew(planes: Planes) -> Planes:
    """Shears each digit upright, and brings its width and height nearer to those of the others.

    All by the second moments of the ink. The new standard deviation of the ink by row and by column
    is the geometric mean of the old one and `SPREAD`, if the old one is a quarter of it or more.
    Each value stays in [0, 1].

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
    columns = (np.clip(left + k, 0, SIDE + 1).astype(np.intp) for k in (1, 2))
    before, after = (np.take_along_axis(padded, column, axis=2) for column in columns)
    return (1 - share) * before + share * after


def sum_gradients(images: Images, orientations: int, cells: int) -> Floats:
    """Sums the gradients of each direction in overlapping cells, and takes the square root.

    Of a colour image, the gradient at a pixel is that of the channel where it is strongest; and
    the mean of each channel in each cell is added.

    Args:
        images: float32 (n, height, width, channels).
        orientations: number of directions in a full turn.
        cells: number of cells in each row and each column of cells.

    Returns:
        float32 (n, features), each value 0 or more: orientations * cells * cells of grey images,
        and 3 * cells * cells more of colour images.

    Source: N. Dalal and B. Triggs, "Histograms of Oriented Gradients for Human Detection",
    CVPR 2005, but with directions of a full turn and without blocks; the root as in R. Arandjelović
    and A. Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012.
    """
    dy, dx = np.gradient(images, axis=(1, 2))
    strength = np.hypot(dx, dy)
    channel = strength.argmax(axis=3)[..., None]
    dy, dx, strength = (np.take_along_axis(v, channel, axis=3)[..., 0] for v in (dy, dx, strength))
    direction = np.arctan2(dy, dx) * np.float32(orientations / (2 * np.pi))
    down, across = (weigh_cells(side, cells) for side in images.shape[1:3])
    sums = []
    for orientation in range(orientations):
        # A gradient between two directions is shared between them.
        turn = (direction - orientation + orientations / 2) % orientations - orientations / 2
        sums.append(np.sqrt(down @ (strength * np.maximum(0, 1 - np.abs(turn))) @ across.T))
    if images.shape[3] > 1:
        sums += [COLOUR * down @ images[..., i] @ across.T for i in range(images.shape[3])]
    return np.stack(sums, axis=1).reshape(len(images), -1)


def weigh_cells(side: int, cells: int) -> Floats:
    """Returns how much each pixel of a side counts in each cell: float32 (cells, side)."""
    centres = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) * side / cells - 0.5
    away = np.abs(np.arange(side, dtype=np.float32) - centres[:, None])
    weights: Floats = np.maximum(0, 1 - away * cells / side)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


def extract_features(images: ImageRows, upright: bool, orientations: int, cells: int) -> Floats:
    """Returns the features of images, float32 (n, features); see `sum_gradients`.

    Args:
        images: float32 (n, height, width, channels), each value in [0, 1].
        upright: whether to `deskew` the images first; they are then (n, 28, 28, 1).
    """
    size, features = count_batch(images[:0].shape[1:]), []
    for start in range(0, len(images), size):
        some = images[start : start + size]
        some = deskew(some[..., 0])[..., None] if upright else some
        features.append(sum_gradients(some, orientations, cells))
    return np.concatenate(features)
