"""Strokes drawn on 1s and 7s: where they should be, on nothing else, the same for a seed."""

import numpy as np
import pytest

from stages.formats.prepared import Images, Labels
from stages.formats.task import DIGITS, Task
from stages.training.strokes import DrawnOn, draw_on


@pytest.fixture
def digits() -> tuple[Images, Labels]:
    """Stems as of a 1, then as many as of a 7, then of an 8."""
    images = np.zeros((900, 28, 28, 1), np.float32)
    images[:, 4:24, 14:16] = 1
    images[300:600, 4:6, 6:20] = 1
    return images, np.repeat(np.array([1, 7, 8], np.uint8), 300)


def draw(digits: tuple[Images, Labels], share: float, seed: int = 0) -> Images:
    images, labels = digits
    return DrawnOn(images, labels, share=share, seed=seed)[:]


def test_only_a_share_of_1_and_7_is_drawn_on(digits: tuple[Images, Labels]) -> None:
    images, labels = digits
    changed = (draw(digits, 0.3) != images).any(axis=(1, 2, 3))
    assert not changed[labels == 8].any()
    for label in (1, 7):
        assert 0.2 < changed[labels == label].mean() < 0.4
    np.testing.assert_array_equal(draw(digits, 0), images)
    assert images.sum(axis=(1, 2, 3))[0] == 40  # the caller's images are as before


def test_an_upstroke_goes_down_to_the_left(digits: tuple[Images, Labels]) -> None:
    images, labels = digits
    added = (draw(digits, 1) - images)[labels == 1, ..., 0]
    assert added.min() >= 0
    assert (added.sum(axis=(1, 2)) > 3).all()
    assert not added[:, :3].any()  # not above the top
    columns = np.arange(28)
    upper = added[:, 2:15].sum(axis=1)
    assert (upper @ columns / upper.sum(axis=1) < 14).all()  # left of the stem
    feet = added[:, 22:26].sum(axis=(1, 2)) > 3
    assert 0.4 < feet.mean() < 0.6


def test_a_bar_crosses_the_middle_of_a_7(digits: tuple[Images, Labels]) -> None:
    images, labels = digits
    added = (draw(digits, 1) - images)[labels == 7, ..., 0]
    assert (added.sum(axis=(1, 2)) > 1).all()
    rows = added.sum(axis=2) @ np.arange(28) / added.sum(axis=(1, 2))
    assert 10 < rows.min() < rows.max() < 20


def test_the_seed_decides_in_whatever_order_images_are_read(digits: tuple[Images, Labels]) -> None:
    images, labels = digits
    whole = draw(digits, 0.5)
    rows = np.array([500, 3, 299, 3])
    np.testing.assert_array_equal(DrawnOn(images, labels, share=0.5, seed=0)[rows], whole[rows])
    assert (draw(digits, 0.5, seed=1) != whole).any()


def test_letters_stay(digits: tuple[Images, Labels], capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(draw_on(*digits, DIGITS, share=1, seed=0), DrawnOn)
    letters = Task(shape=DIGITS.shape, classes=tuple("abcdefghij"))
    assert draw_on(*digits, letters, share=1, seed=0) is digits[0]
    assert capsys.readouterr().out.startswith("strokes: not used, ")
