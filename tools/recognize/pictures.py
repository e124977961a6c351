"""Reads picture files of many kinds and sizes as brightness from 0 (black) to 255 (white)."""

import io
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from stages.harness.errors import InputError
from tools.recognize.images import Grey

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")  # Pillow runs no other decoder
SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".gif", ".bmp", ".webp", ".tif", ".tiff")
STDIN = Path("-")  # standard input
EXPECTED = "expected a PNG, JPEG, GIF, BMP, WebP or TIFF picture"
MAX_PIXELS = 64_000_000
TOO_LARGE = "more than 64 megapixels; make it smaller, or cut out the digit"
ENOUGH = 1600  # pixels: a picture with a longer side is reduced while it is read


class Picture(NamedTuple):
    """A picture as it is searched for digits, upright."""

    pixels: Grey  # (h, w); a longer side above 1,600 pixels is reduced to 1,600-3,200
    size: tuple[int, int]  # pixels: width and height of the whole picture


def read_picture(path: Path) -> Picture:
    """Reads a picture file; of an animation, the first frame.

    Raises:
        InputError: no such file, or not a whole picture of a known format, or too large.
    """
    if path != STDIN and not path.is_file():
        fault = "not a file" if path.exists() else "no such file"
        raise InputError(f"{path}: {fault}; {EXPECTED}")
    try:
        with path.open("rb") if path != STDIN else io.BytesIO(sys.stdin.buffer.read()) as file:
            return _decode(file)
    except UnidentifiedImageError:
        fault = f"not a whole picture of a known format; {EXPECTED}: save it as one"
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


def _decode(file: IO[bytes]) -> Picture:
    with warnings.catch_warnings(action="ignore"), Image.open(file, formats=FORMATS) as image:
        size = image.size
        image.draft("L", (ENOUGH, ENOUGH))  # a JPEG is decoded no larger than needed
        return _prepare(image, size)


def load_picture(picture: Any) -> Picture:
    """Reads a picture from code: a path, a PIL image, or an array uint8 (h, w) or (h, w, 3 or 4).

    Raises:
        InputError: see `read_picture`; or it is something else.
    """
    if isinstance(picture, str | Path):
        return read_picture(Path(picture))
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
    return _prepare(picture, picture.size)


def _prepare(image: Image.Image, size: tuple[int, int]) -> Picture:
    """Converts a picture to grey, upright, with a background instead of transparent pixels."""
    if size[0] * size[1] > MAX_PIXELS:
        raise InputError(TOO_LARGE)
    if image.mode.startswith("I"):  # whole numbers of 8, 12 or 16 bits
        highest = int(np.max(image.getextrema()))
        top = next((top for top in (255, 4095) if highest <= top), 65535)
        image = image.point(lambda value: value * (255 / top)).convert("L")
    plain = image.convert("RGBA" if image.has_transparency_data else "L")
    small = plain.reduce(max(1, max(plain.size) // ENOUGH))
    upright = turn_upright(small)
    grey = np.asarray(upright) if upright.mode == "L" else _fill_transparent(upright)
    return Picture(grey, size if upright.size == small.size else size[::-1])


def turn_upright(image: Image.Image) -> Image.Image:
    """Turns a picture as its camera noted; damaged notes are ignored."""
    with suppress(Exception):
        return ImageOps.exif_transpose(image)
    return image


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
