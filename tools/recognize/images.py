"""The types of pictures, and the operations that several steps share."""

import numpy as np
import numpy.typing as npt
from PIL import Image

Grey = npt.NDArray[np.uint8]  # (h, w), of pictures: 0 is black and 255 is white
Floats = npt.NDArray[np.float32]  # (h, w)
Mask = npt.NDArray[np.bool_]  # (h, w)
Box = tuple[slice, slice]  # rows and columns

SIDE = 28  # pixels: of an image that the classifier reads
SEARCH_SIZE = 400  # pixels: the longer side of a picture that is searched for a sheet or a digit


def resize_longer_side(values: Grey | Floats, size: int) -> Floats:
    """Scales values (h, w) until the longer side is `size`; the shorter one is at least 2.

    A pixel of a smaller result is the mean of those that it covers; a larger one is smooth.
    """
    scale = size / max(values.shape)
    height, width = (max(2, round(side * scale)) for side in values.shape)
    resample = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize((width, height), resample))


def bounding_box(mask: Mask) -> Box:
    """Returns the smallest box that holds all true pixels; there must be one."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
