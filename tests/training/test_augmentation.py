"""Augmentation: within its bounds, and the same for the same seed."""

import numpy as np
import pytest

from stages.formats.prepared import Images
from stages.training import augmentation
from stages.training.backend import start, tf

NONE = {"rotation": 0.0, "shift": 0.0, "zoom": 0.0, "shear": 0.0}


@pytest.fixture(autouse=True)
def _started() -> None:
    start(threads=1, seed=0)


def distort(images: Images, seed: int = 0, **changed: float) -> Images:
    given = tf.constant(images), tf.constant([1, seed])
    return np.asarray(augmentation.distort(*given, **(NONE | changed)))


@pytest.fixture
def dots() -> Images:
    """500 images of a round dot, nine pixels to the right of the centre."""
    y, x = np.mgrid[:28, :28]
    dot = np.exp(-((y - 13.5) ** 2 + (x - 22.5) ** 2) / 2).astype(np.float32)
    return np.tile(dot[None, :, :, None], (500, 1, 1, 1))


def find_dots(images: Images) -> tuple[np.ndarray, np.ndarray]:
    """Returns the pixels down and right from the centre to each image's centre of mass."""
    y, x = np.mgrid[:28, :28] - 13.5
    mass = images[..., 0] / images.sum(axis=(1, 2))[:, None]
    return (mass * y).sum(axis=(1, 2)), (mass * x).sum(axis=(1, 2))


def check_range(values: np.ndarray, low: float, high: float) -> None:
    """Asserts that values fill the range from low to high and stay in it."""
    slack = 0.06 * (high - low)
    assert low - slack < values.min() < low + slack
    assert high - slack < values.max() < high + slack


def test_the_seed_decides(dots: Images) -> None:
    everything = {"rotation": 12, "shift": 2.5, "zoom": 0.12, "shear": 0.15}
    first = distort(dots, 1, **everything)
    np.testing.assert_array_equal(distort(dots, 1, **everything), first)
    assert np.abs(distort(dots, 2, **everything) - first).max() > 0.3
    assert np.abs(first[0] - first[1]).max() > 0.1  # each image gets its own map
    assert 0 <= first.min() < first.max() <= 1


def test_shift_is_in_pixels(dots: Images) -> None:
    down, right = find_dots(distort(dots, shift=2.5))
    check_range(down, -2.5, 2.5)
    check_range(right, 9 - 2.5, 9 + 2.5)


def test_rotation_is_in_degrees_about_the_centre(dots: Images) -> None:
    down, right = find_dots(distort(dots, rotation=30))
    np.testing.assert_allclose(np.hypot(down, right), 9, atol=0.1)
    check_range(np.degrees(np.arctan2(down, right)), -30, 30)


def test_the_centre_is_that_of_the_image_if_it_is_not_square(dots: Images) -> None:
    flat = np.roll(dots, -9, axis=2)[:, :, 2:-2]  # 28 x 24, the dot at its centre
    distorted = distort(flat, rotation=90, zoom=0.1, shear=0.2)
    assert distorted[:, 12:16, 10:14].sum(axis=(1, 2)).min() > 4.5  # the whole dot has 6.3


def test_zoom_is_a_fraction_of_the_size(dots: Images) -> None:
    down, right = find_dots(distort(dots, zoom=0.12))
    np.testing.assert_allclose(down, 0, atol=0.05)
    check_range(right, 9 / 1.12, 9 / 0.88)


def test_shear_is_sideways_per_pixel_of_height(dots: Images) -> None:
    above = np.rot90(dots, axes=(1, 2)).copy()  # the dot is nine pixels above the centre
    down, right = find_dots(distort(above, shear=0.2))
    np.testing.assert_allclose(down, -9, atol=0.05)
    check_range(right, -9 * 0.2, 9 * 0.2)
