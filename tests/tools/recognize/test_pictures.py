"""Reading pictures: every promised format, and one line for each file that is no picture."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from stages.harness.errors import InputError
from tools.recognize import pictures
from tools.recognize.pictures import FORMATS, read_picture

# Dark on light, different in every direction.
GREY = np.full((60, 90), 220, np.uint8)
GREY[10:40, 20:30] = 40
GREY[30:40, 20:70] = 40
IMAGE = Image.fromarray(GREY)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def near(picture: np.ndarray, expected: np.ndarray) -> bool:
    same_shape = picture.shape == expected.shape
    return same_shape and bool(np.abs(picture.astype(int) - expected).mean() < 3)


READ: dict[str, Callable[[], bytes]] = {
    **{kind: lambda kind=kind: encoded(IMAGE, kind) for kind in FORMATS},  # type: ignore[misc]
    "colour": lambda: encoded(IMAGE.convert("RGB"), "PNG"),
    "palette": lambda: encoded(IMAGE.convert("P"), "PNG"),
    "grey with alpha": lambda: encoded(IMAGE.convert("LA"), "PNG"),
    "16 bits": lambda: encoded(Image.fromarray(GREY.astype(np.uint16) * 257), "PNG"),
    "four inks": lambda: encoded(IMAGE.convert("CMYK"), "JPEG"),
    "progressive": lambda: encoded(IMAGE, "JPEG", progressive=True),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_every_kind_is_read(tmp_path: Path, content: Callable[[], bytes]) -> None:
    (tmp_path / "picture").write_bytes(content())  # the name does not matter
    assert near(read_picture(tmp_path / "picture"), GREY)


@pytest.mark.parametrize(("stroke", "background"), [(60, 255), (200, 0)])
def test_transparent_pixels_become_background(tmp_path: Path, stroke: int, background: int) -> None:
    image = Image.new("LA", IMAGE.size, (stroke, 0))
    image.putalpha(IMAGE.point(lambda value: 255 * (value < 100)))
    image.save(tmp_path / "a.png")
    assert near(read_picture(tmp_path / "a.png"), np.where(GREY < 100, stroke, background))


def test_a_background_is_continued(tmp_path: Path) -> None:
    image = IMAGE.convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 90, 5))
    image.save(tmp_path / "a.png")
    assert near(read_picture(tmp_path / "a.png"), GREY)


@pytest.mark.parametrize("orientation", [1, 2, 3, 6, 8])
def test_a_turned_photograph_is_upright(tmp_path: Path, orientation: int) -> None:
    back = {6: 90, 3: 180, 8: 270}  # degrees: how a camera held like this stores the picture
    stored = IMAGE.rotate(back.get(orientation, 0), expand=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert near(read_picture(tmp_path / "a.jpg"), GREY) == (orientation in {1, *back})


def test_of_an_animation_the_first_frame_is_read(tmp_path: Path) -> None:
    IMAGE.save(tmp_path / "a.gif", save_all=True, append_images=[IMAGE.rotate(180)])
    assert near(read_picture(tmp_path / "a.gif"), GREY)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_large_picture_is_reduced(tmp_path: Path, kind: str) -> None:
    IMAGE.resize((4500, 3000)).save(tmp_path / "a", kind)
    picture = read_picture(tmp_path / "a")
    assert 800 <= max(picture.shape) < 1600
    assert near(np.asarray(Image.fromarray(picture).resize(IMAGE.size)), GREY)


def header(width: int, height: int) -> bytes:
    """A PNG file that declares a size and holds nothing."""
    start = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    whole = b"\0\0\0\r" + start + struct.pack(">I", zlib.crc32(start))
    return b"\x89PNG\r\n\x1a\n" + whole + b"\0\0\0\x09IDAT"


PNG, JPEG = encoded(IMAGE, "PNG"), encoded(IMAGE, "JPEG")
KNOWN = "expected a PNG, JPEG, GIF, BMP or WebP picture"
REFUSED: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "an empty file", KNOWN),
    "text": (b"hello", "not a picture", KNOWN),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC or AVIF", "save it as one"),
    "tiff": (encoded(IMAGE, "TIFF"), "not a picture of a known format", KNOWN),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture", KNOWN),
    "truncated png": (PNG[: len(PNG) // 2], "damaged", "copy it"),
    "truncated jpeg": (JPEG[:-40], "damaged", "copy it"),
    "nothing but a header": (header(30, 30), "damaged", "copy it"),
    "no size": (header(0, 0), "a.png", ": "),
    "100 megapixels": (header(10_000, 10_000), "more than 64 megapixels", "smaller"),
    "a bomb": (header(60_000, 60_000), "more than 64 megapixels", "smaller"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_no_picture_is_refused(tmp_path: Path, case: tuple[bytes, str, str]) -> None:
    path, (content, fault, remedy) = tmp_path / "a.png", case
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_picture(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert fault in message
    assert remedy in message


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.png: no such file"):
        read_picture(tmp_path / "a.png")
    os.mkfifo(tmp_path / "pipe.png")  # nothing would ever come out of it
    for path in (tmp_path, tmp_path / "pipe.png"):
        with pytest.raises(InputError, match="not a file"):
            read_picture(path)


def test_what_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    IMAGE.save(tmp_path / "a.png")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")  # root may read everything

    monkeypatch.setattr(pictures, "_decode", refuse)
    with pytest.raises(InputError, match=r"a\.png: Permission denied; allow reading it"):
        read_picture(tmp_path / "a.png")


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(FORMATS),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=6)), max_size=5),
    st.floats(0, 1),
)
@example("PNG", [], 1.0)
def test_any_bytes_are_a_picture_or_refused(
    tmp_path: Path, kind: str, changes: list[tuple[float, bytes]], kept: float
) -> None:
    content = bytearray(encoded(IMAGE, kind))
    for place, change in changes:
        start = int(place * len(content))
        content[start : start + len(change)] = change
    path = tmp_path / "a.png"
    path.write_bytes(content[: round(kept * len(content))])
    try:
        picture = read_picture(path)
    except InputError as error:
        assert str(error).startswith(f"{path}: ")
    else:
        assert picture.ndim == 2
        assert picture.dtype == np.uint8
