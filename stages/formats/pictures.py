"""Reads picture files as images of one shape."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from stages.formats.prepared import Shape
from stages.harness.errors import InputError

FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "TIFF")  # Pillow runs no other decoder
SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".webp", ".tif", ".tiff")
OTHERS = (".gif", ".heic", ".heif", ".avif", ".jp2", ".psd")  # of pictures that are refused
MODES = {1: "L", 3: "RGB"}  # Pillow's names, by the number of channels
GREY = ("1", "L", "LA", "I;16", "I;16B", "I;16L")

warnings.filterwarnings("ignore", module=r"PIL\b")  # of what it can read none the less


@contextmanager
def open_picture(path: Path | IO[bytes]) -> Iterator[Image.Image]:
    """Opens a picture file, upright as its EXIF data says; of an animation, the first frame.

    Raises an InputError unless it is a whole picture of a format in `FORMATS`, of 8 or 16 bits.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            ImageOps.exif_transpose(image, in_place=True)
            yield image
    except MemoryError:
        raise
    except Exception as error:  # Pillow's decoders raise errors of any kind
        expected = "a whole PNG, JPEG, BMP, WebP or TIFF picture of 8 or 16 bits"
        fix = "save it again as one, or remove it"
        raise InputError(f"{path}: {error!s:.80}; expected {expected}: {fix}") from None


def measure(path: Path) -> tuple[int, int, int]:
    """Returns height, width and channels of a picture: 1 if it is grey, otherwise 3."""
    with open_picture(path) as image:
        return image.height, image.width, 1 if image.mode in GREY else 3


def read_picture(path: Path | IO[bytes], shape: Shape) -> npt.NDArray[np.uint8]:
    """Reads a picture as an image of `shape`, uint8 (height, width, channels).

    A picture of another size is stretched to it. Of 16 bits, the upper 8 are read; transparency
    is dropped.
    """
    height, width, channels = shape
    with open_picture(path) as image:
        if image.mode.startswith("I;16"):
            image = Image.fromarray((np.asarray(image) // 256).astype(np.uint8))
        elif image.mode[0] in "IF":
            raise ValueError(f"mode {image.mode}")
        image = image.convert(MODES[channels]).resize((width, height), Image.Resampling.BICUBIC)
        return np.asarray(image).reshape(shape)
