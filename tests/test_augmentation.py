"""Augmentation: within its bounds, and the same for the same seed."""

import numpy as np
import pytest

from stages.augmentation import Affine
from stages.backend import start, tf
from stages.dataset import Images

NONE = {"rotation": 0.0, "shift": 0.0, "zoom": 0.0, "shear": 0.0}


@pytest.fixture(autouse=True)
def _started() -> None:
    start(threads=1, seed=0)


def distorted(images: Images, seed: int = 0, **changed: float) -> Images:
    result = Affine(**(NONE | changed))(tf.constant(images), tf.constant([1, seed]))
    return np.asarray(result)


@pytest.fixture
def dots() -> Images:
    """500 images of a round dot, nine pixels to the right of the centre."""
    y, x = np.mgrid[:28, :28]
    dot = np.exp(-((y - 13.5) ** 2 + (x - 22.5) ** 2) / 2).astype(np.float32)
    return np.tile(dot[None, :, :, None], (500, 1, 1, 1))


def from_centre(images: Images) -> tuple[np.ndarray, np.ndarray]:
    """Pixels down and right of the centre, of each image's ink."""
    y, x = np.mgrid[:28, :28] - 13.5
    ink = images[..., 0] / images.sum(axis=(1, 2))[:, None]
    return (ink * y).sum(axis=(1, 2)), (ink * x).sum(axis=(1, 2))


def test_nothing_asked_nothing_done(dots: Images) -> None:
    np.testing.assert_allclose(distorted(dots), dots, atol=1e-5)


def test_the_seed_decides(dots: Images) -> None:
    everything = {"rotation": 12, "shift": 2.5, "zoom": 0.12, "shear": 0.15}
    first = distorted(dots, 1, **everything)
    np.testing.assert_array_equal(distorted(dots, 1, **everything), first)
    assert np.abs(distorted(dots, 2, **everything) - first).max() > 0.3
    assert np.abs(first[0] - first[1]).max() > 0.1  # each image its own
    assert first.min() >= 0
    assert first.max() <= 1


def spread(values: np.ndarray, low: float, high: float) -> bool:
    """Whether values fill the range from low to high and stay in it."""
    slack = 0.06 * (high - low)
    inside = values.min() > low - slack and values.max() < high + slack
    return bool(inside and values.min() < low + slack and values.max() > high - slack)


def test_shift_is_in_pixels(dots: Images) -> None:
    down, right = from_centre(distorted(dots, shift=2.5))
    assert spread(down, -2.5, 2.5)
    assert spread(right, 9 - 2.5, 9 + 2.5)


def test_rotation_is_in_degrees_about_the_centre(dots: Images) -> None:
    down, right = from_centre(distorted(dots, rotation=30))
    np.testing.assert_allclose(np.hypot(down, right), 9, atol=0.1)
    assert spread(np.degrees(np.arctan2(down, right)), -30, 30)


def test_zoom_is_a_share_of_the_size(dots: Images) -> None:
    down, right = from_centre(distorted(dots, zoom=0.12))
    np.testing.assert_allclose(down, 0, atol=0.05)
    assert spread(right, 9 / 1.12, 9 / 0.88)


def test_shear_moves_sideways_with_height(dots: Images) -> None:
    # The dot is now nine pixels above the centre.
    down, right = from_centre(distorted(np.rot90(dots, axes=(1, 2)).copy(), shear=0.2))
    np.testing.assert_allclose(down, -9, atol=0.05)
    assert spread(right, -9 * 0.2, 9 * 0.2)
