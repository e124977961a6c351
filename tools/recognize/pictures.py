"""Reads picture files of many kinds and sizes as brightness from 0 (black) to 255 (white)."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

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
        _check_size(image)
        image.draft("L", (ENOUGH, ENOUGH))  # a JPEG is decoded no larger than needed
        return _convert(image)


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > LARGEST:
        raise InputError(TOO_LARGE)


def _convert(image: Image.Image) -> Grey:
    if image.mode.startswith("I"):
        plain = image.point(lambda value: value * (1 / 257)).convert("L")  # 16 bits to 8
    else:
        plain = image.convert("RGBA" if image.has_transparency_data else "L")
    factor = max(1, max(plain.size) // ENOUGH)
    small = ImageOps.exif_transpose(plain.reduce(factor))
    return np.asarray(small) if small.mode == "L" else _fill_transparent(small)


def load_picture(picture: Any) -> tuple[Grey, tuple[int, int]]:
    """Reads a picture from code: a path, a PIL image, or an array uint8 (h, w) or (h, w, 3 or 4).

    Returns:
        See `read_picture`; and the width and height of the whole picture, upright.

    Raises:
        InputError: see `read_picture`; or it is something else.
    """
    if isinstance(picture, str | Path):
        return read_picture(Path(picture)), read_size(Path(picture))
    if isinstance(picture, np.ndarray):
        shape, kind = picture.shape, picture.dtype
        fits = len(shape) == 2 or (len(shape) == 3 and shape[2] in (3, 4))
        if kind != np.uint8 or not fits or not picture.size:
            raise InputError(
                f"an array {kind} {shape}; expected uint8 (h, w), (h, w, 3) or (h, w, 4), 0-255"
            )
        picture = Image.fromarray(picture)
    if not isinstance(picture, Image.Image):
        raise InputError(f"{type(picture).__name__}; expected a path, a PIL image or an array")
    _check_size(picture)
    return _convert(picture), _measure_upright(picture)


def read_size(path: Path) -> tuple[int, int]:
    """Reads the width and height of a picture that can be read, upright, in pixels."""
    with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
        return _measure_upright(image)


def _measure_upright(image: Image.Image) -> tuple[int, int]:
    turned = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
    return (image.height, image.width) if turned else image.size


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
