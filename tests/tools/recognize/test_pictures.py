"""Reading pictures: every promised format, and one line for each file that is no picture."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from stages.harness.errors import InputError
from tools.recognize.pictures import FORMATS, load_picture, read_picture

# Dark on light, different in every direction.
GREY = np.full((60, 90), 220, np.uint8)
GREY[10:40, 20:30] = GREY[30:40, 20:70] = 40
IMAGE = Image.fromarray(GREY)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def near(picture: np.ndarray, expected: np.ndarray) -> bool:
    same_shape = picture.shape == expected.shape
    return same_shape and bool(np.abs(picture.astype(int) - expected).mean() < 3)


READ: dict[str, bytes] = {
    **{kind: encoded(IMAGE, kind) for kind in FORMATS},
    "colour": encoded(IMAGE.convert("RGB"), "PNG"),
    "palette": encoded(IMAGE.convert("P"), "PNG"),
    "grey with alpha": encoded(IMAGE.convert("LA"), "PNG"),
    "16 bits": encoded(Image.fromarray(GREY.astype(np.uint16) * 257), "PNG"),
    "8 of 16 bits": encoded(Image.fromarray(GREY.astype(np.uint16)), "PNG"),
    "12 of 16 bits": encoded(Image.fromarray(GREY.astype(np.uint16) * 16), "PNG"),
    "four inks": encoded(IMAGE.convert("CMYK"), "JPEG"),
    "damaged notes": encoded(IMAGE, "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"),
    "animation": encoded(IMAGE, "GIF", save_all=True, append_images=[IMAGE.rotate(180)]),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_every_kind_is_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "picture").write_bytes(content)  # the name does not matter
    assert near(read_picture(tmp_path / "picture").pixels, GREY)


def test_transparent_pixels_become_background() -> None:
    for stroke, background in ((60, 255), (200, 0)):
        image = Image.new("LA", IMAGE.size, (stroke, 0))
        image.putalpha(IMAGE.point(lambda value: 255 * (value < 100)))
        assert near(load_picture(image).pixels, np.where(GREY < 100, stroke, background))


@pytest.mark.parametrize("orientation", [1, 2, 3, 6, 8])
def test_a_turned_photograph_is_upright(tmp_path: Path, orientation: int) -> None:
    back = {6: 90, 3: 180, 8: 270}  # degrees: how a camera held like this stores the picture
    stored = IMAGE.rotate(back.get(orientation, 0), expand=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.jpg", exif=exif, quality=95)
    pixels, size = read_picture(tmp_path / "a.jpg")
    assert near(pixels, GREY) == (orientation in {1, *back})
    assert size == IMAGE.size


def test_a_large_picture_is_reduced(tmp_path: Path) -> None:
    IMAGE.resize((4500, 3000)).save(tmp_path / "a", "JPEG")
    pixels, size = read_picture(tmp_path / "a")
    assert 1600 <= max(pixels.shape) < 3200
    assert size == (4500, 3000)
    with Image.open(tmp_path / "a") as image:  # somebody else's is left as it is
        assert load_picture(image).size == image.size == size
    assert near(np.asarray(Image.fromarray(pixels).resize(IMAGE.size)), GREY)


HUGE, BOMB = (encoded(Image.new("1", (side, side)), "PNG") for side in (9_000, 14_000))
REFUSED: dict[str, tuple[bytes, str]] = {
    "huge": (HUGE, "more than 64 megapixels; make it smaller"),
    "more than Pillow's own limit": (BOMB, "more than 64 megapixels; make it smaller"),
    "empty": (b"", "not a whole picture of a known format; expected a PNG, JPEG, GIF, BMP"),
    "text": (b"hello", "not a whole picture of a known format; expected a PNG"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "not a whole picture of a known format"),
    "truncated png": (READ["PNG"][:100], "a damaged picture"),
    "truncated jpeg": (READ["JPEG"][:-40], "a damaged picture"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_no_picture_is_refused(tmp_path: Path, case: tuple[bytes, str]) -> None:
    path, (content, fault) = tmp_path / "a.png", case
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_picture(path)
    assert str(caught.value).startswith(f"{path}: {fault}")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")  # nothing would ever come out of it
    for name, fault in (("a.png", "no such file"), ("pipe.png", "not a file"), ("", "not a file")):
        with pytest.raises(InputError, match=fault):
            read_picture(tmp_path / name)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FORMATS), st.floats(0, 1), st.binary(max_size=6), st.booleans())
def test_any_bytes_are_a_picture_or_refused(
    tmp_path: Path, kind: str, place: float, change: bytes, is_cut: bool
) -> None:
    start = int(place * len(READ[kind]))
    rest = b"" if is_cut else READ[kind][start + len(change) :]
    (tmp_path / "a.png").write_bytes(READ[kind][:start] + change + rest)
    try:
        assert read_picture(tmp_path / "a.png").pixels.ndim == 2
    except InputError as error:
        assert str(error).startswith(f"{tmp_path / 'a.png'}: ")
