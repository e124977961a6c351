"""Reads picture files of many kinds and sizes as brightness from 0 (black) to 255 (white)."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from stages.harness.errors import InputError
from tools.recognize.images import Grey

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")  # Pillow runs no other decoder
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
EXPECTED = "expected a PNG, JPEG, GIF, BMP or WebP picture"


def read_picture(path: Path) -> Grey:
    """Reads a picture file, upright; of an animation, the first frame.

    Returns:
        uint8 (h, w). Transparent pixels become background. A longer side above 800 pixels is
        reduced to 800-1,600.

    Raises:
        InputError: no such file, or not a whole picture of a known format, or too large.
    """
    if not path.is_file():
        fault = "not a file" if path.exists() else "no such file"
        raise InputError(f"{path}: {fault}; {EXPECTED}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of oddities that it can read
            return _decode(path)
    except UnidentifiedImageError:
        fault = f"{_name_kind(path)}; {EXPECTED}: save it as one"
    except Image.DecompressionBombError:  # Pillow's own limit, which is higher
        fault = TOO_LARGE
    except InputError as error:
        fault = str(error)
    except PermissionError as error:
        fault = f"{error.strerror}; allow reading it"
    except Exception as error:  # Pillow's decoders raise errors of any kind
        text = f"{error!s:.80}" or type(error).__name__
        fault = f"a damaged picture ({text}); copy it or save it again"
    raise InputError(f"{path}: {fault}")


LARGEST = 64_000_000  # pixels
TOO_LARGE = "more than 64 megapixels; make it smaller, or cut out the digit"
ENOUGH = 800  # pixels: a picture with a longer side is reduced while it is read


def _decode(path: Path) -> Grey:
    with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
        if image.width * image.height > LARGEST:
            raise InputError(TOO_LARGE)
        image.draft("L", (ENOUGH, ENOUGH))  # a JPEG is decoded no larger than needed
        if image.mode.startswith("I"):
            plain = image.point(lambda value: value * (1 / 257)).convert("L")  # 16 bits to 8
        else:
            plain = image.convert("RGBA" if image.has_transparency_data else "L")
        factor = max(1, max(plain.size) // ENOUGH)
        small = ImageOps.exif_transpose(plain.reduce(factor))
    return np.asarray(small) if small.mode == "L" else _fill_transparent(small)


COLOURED = 40  # levels of grey: a larger standard deviation means strokes and a background


def _fill_transparent(image: Image.Image) -> Grey:
    """Puts a background behind a picture with transparency that its strokes stand out from.

    If most of the picture is opaque and has a background, that one is continued.
    """
    grey = np.asarray(image.convert("L"), np.float32)
    alpha = np.asarray(image.getchannel("A"), np.float32) / 255
    opaque = grey[alpha > 0.5]
    if opaque.size > alpha.size / 2 and opaque.std() > COLOURED:
        background = np.median(opaque)
    else:
        background = np.float32(255 if (grey * alpha).sum() < 127.5 * alpha.sum() else 0)
    return np.rint(grey * alpha + background * (1 - alpha)).astype(np.uint8)


def _name_kind(path: Path) -> str:
    """Says what kind of file it is instead of a picture, if that is easy to see."""
    with path.open("rb") as file:
        start = file.read(12)
    if start[4:8] == b"ftyp":
        return "HEIC or AVIF, or a film"
    return "not a picture of a known format, or cut off" if start else "an empty file"
