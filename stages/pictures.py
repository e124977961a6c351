"""Reads pictures of many kinds and sizes, as light from 0 (black) to 255 (white)."""

import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from stages.errors import InputError
from stages.frame import Grey

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")  # the readers of Pillow that may run
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
EXPECTED = "expected a PNG, JPEG, GIF, BMP or WebP picture"
LARGEST = 64_000_000  # pixels
ENOUGH = 800  # pixels; a picture with more on its longer side is reduced while it is read
COLOURED = 40  # levels of grey: a standard deviation that one ink alone does not have


def read_picture(path: Path) -> Grey:
    """Reads a picture as uint8 (h, w), upright, of an animation the first frame.

    What is transparent becomes paper. The longer side is reduced to 800 to 1,600 pixels.

    Raises:
        InputError: no such file, or not a whole picture of a known format, or too large.
    """
    if not path.is_file():
        text = "not a file" if path.exists() else "no such file"
        raise InputError(f"{path}: {text}; {EXPECTED}")
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of what is odd and can be read
            return _read(file)
    except UnidentifiedImageError:
        raise InputError(f"{path}: {_kind(path)}; {EXPECTED}: save it as one") from None
    except Image.DecompressionBombError:
        raise InputError(f"{path}: {_too_large(2 * (Image.MAX_IMAGE_PIXELS or 0))}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except PermissionError as error:
        raise InputError(f"{path}: {error.strerror}; allow reading it") from None
    except Exception as error:  # Pillow's readers raise errors of any kind
        text = f"{error!s:.80}" or type(error).__name__
        raise InputError(f"{path}: a damaged picture ({text}); copy it or save it again") from None


def _read(file: BinaryIO) -> Grey:
    with Image.open(file, formats=FORMATS) as image:
        if image.width * image.height > LARGEST:
            raise InputError(_too_large(image.width * image.height))
        image.draft("L", (ENOUGH, ENOUGH))  # a JPEG is decoded no larger than needed
        if image.mode.startswith("I"):
            plain = image.point(lambda value: value * (1 / 257)).convert("L")  # of 16 bits
        else:
            plain = image.convert("RGBA" if image.has_transparency_data else "L")
        factor = max(1, max(plain.size) // ENOUGH)
        small = ImageOps.exif_transpose(plain.reduce(factor))
    values = np.asarray(small)
    return values if values.ndim == 2 else _on_paper(small)


def _on_paper(image: Image.Image) -> Grey:
    """Lays a transparent picture on paper that its ink stands out from.

    Where most is opaque and has light and dark, it has paper of its own, which goes on.
    """
    grey = np.asarray(image.convert("L"), np.float32)
    alpha = np.asarray(image.getchannel("A"), np.float32) / 255
    opaque = grey[alpha > 0.5]
    if opaque.size > alpha.size / 2 and opaque.std() > COLOURED:
        paper = np.median(opaque)
    else:
        paper = np.float32(255 if (grey * alpha).sum() < 127.5 * alpha.sum() else 0)
    return np.rint(grey * alpha + paper * (1 - alpha)).astype(np.uint8)


def _too_large(pixels: int) -> str:
    return (
        f"{pixels / 1e6:,.0f} megapixels or more; expected at most {LARGEST / 1e6:.0f}: "
        "make it smaller, or cut out the digit"
    )


def _kind(path: Path) -> str:
    """Says what a file is instead of a picture, where that is easily seen."""
    with path.open("rb") as file:
        start = file.read(12)
    if not start:
        return "an empty file"
    if start[4:8] == b"ftyp":
        return "HEIC or AVIF, or a film"
    return "not a picture of a known format, or cut off"
