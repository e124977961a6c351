"""Asking from Python: a path, a PIL image, an array, a list of them, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support import reader
from tests.support.drawings import draw
from tools.recognize import InputError, answer, recognize


@pytest.fixture(autouse=True)
def classifier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "predict", lambda _, images: reader.predict(images))


def test_a_path_an_image_and_an_array_are_read_alike(tmp_path: Path) -> None:
    picture = np.hstack([draw(1, 100), draw(2, 100)])
    expected = f"{reader.LABELS[1]}{reader.LABELS[2]}"
    Image.fromarray(picture).save(tmp_path / "a.png")
    colour = np.repeat(picture[..., None], 3, axis=2)
    given = [tmp_path / "a.png", str(tmp_path / "a.png"), Image.fromarray(colour), picture, colour]
    answers = recognize(given)
    assert [one.digits for one in answers] == [expected] * len(given)
    assert recognize(picture) == answers[0]
    assert answers[0].probability == min(it.probability for it in answers[0].rows[0])


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_boxes_are_in_pixels_of_the_upright_picture(tmp_path: Path, orientation: int) -> None:
    picture = Image.fromarray(np.pad(draw(1, 1000), ((0, 0), (0, 1000)), constant_values=230))
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = picture.rotate({1: 0, 6: 90, 8: 270}[orientation], expand=True)
    turned.save(tmp_path / "a.jpg", exif=exif, quality=95)
    (digit,) = recognize(tmp_path / "a.jpg").rows[0]
    y, x = np.nonzero(np.asarray(picture) < 128)
    found = digit.x, digit.y, digit.x + digit.width, digit.y + digit.height
    assert np.allclose(found, (x.min(), y.min(), x.max(), y.max()), atol=15)


def test_what_cannot_be_read_is_named() -> None:
    blank = np.full((90, 90), 200, np.uint8)
    with pytest.raises(InputError, match=r"^no digit found: "):
        recognize(blank)
    with pytest.raises(InputError, match="picture 2 of 2: no digit found: "):
        recognize([draw(1), blank])
    with pytest.raises(InputError, match=r"missing\.png: no such file"):
        recognize("missing.png")
    for wrong in (blank / 255, blank[0], blank[..., None]):
        with pytest.raises(InputError, match=r"an array .*; expected uint8 \(h, w\)"):
            recognize(wrong)
    with pytest.raises(InputError, match="int; expected a path"):
        recognize(3)
