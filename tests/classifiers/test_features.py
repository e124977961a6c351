"""Features: upright digits, and gradients summed by direction and place."""

import numpy as np
import pytest

from stages.classifiers.features import COLOUR, Planes, deskew, extract_features, sum_gradients
from stages.formats.prepared import to_images
from tests.support.samples import Pixels


@pytest.fixture(scope="module")
def planes(digits: tuple[Pixels, Pixels]) -> Planes:
    return to_images(digits[0][:50])[:, :, :, 0]


def slant(plane: Planes) -> float:
    """Columns for each row that the ink leans, by its second moments."""
    y, x = np.mgrid[:28, :28]
    ink = plane / plane.sum()
    dy, dx = y - (ink * y).sum(), x - (ink * x).sum()
    return float((ink * dy * dx).sum() / (ink * dy * dy).sum())


def test_deskewed_digits_stand_upright(planes: Planes) -> None:
    before = [slant(plane) for plane in planes]
    after = [slant(plane) for plane in deskew(planes)]
    assert np.abs(before).max() > 0.3
    assert np.abs(after).max() < 0.05


@pytest.mark.parametrize("value", [0, 1])
def test_a_blank_image_has_finite_features(value: int) -> None:
    blank = deskew(np.full((1, 28, 28), value, np.float32))
    assert blank.max() == value
    assert np.isfinite(sum_gradients(blank[..., None], 8, 7)).all()


def test_a_turned_image_has_turned_features(planes: Planes) -> None:
    """A quarter turn moves the cells, and each direction by a quarter of all directions."""
    images = planes[..., None]
    first = sum_gradients(images, 8, 7).reshape(-1, 8, 7, 7)
    turned = sum_gradients(np.rot90(images, axes=(1, 2)), 8, 7).reshape(-1, 8, 7, 7)
    expected = np.roll(np.rot90(first, axes=(2, 3)), -2, axis=1)
    np.testing.assert_allclose(turned, expected, atol=2e-3)


def test_an_image_does_not_depend_on_its_neighbours(planes: Planes) -> None:
    images = np.resize(planes, (1100, 28, 28))[..., None]
    together, last = (extract_features(some, True, 8, 7) for some in (images, images[1070:]))
    np.testing.assert_allclose(together[1070:], last, atol=1e-6)


def test_a_colour_image_has_the_features_of_its_strongest_channel_and_its_colours() -> None:
    grey = np.random.default_rng(0).random((5, 20, 24, 1), np.float32)
    expected = extract_features(grey, False, 8, 4)
    assert expected.shape == (5, 8 * 4 * 4)
    colours = np.concatenate([grey / 2 + 0.5, grey, np.full_like(grey, 0.25)], axis=3)
    gradients, means = np.split(extract_features(colours, False, 8, 4), [8 * 4 * 4], axis=1)
    np.testing.assert_allclose(gradients, expected, atol=1e-5)
    first, second, third = np.split(means / COLOUR, 3, axis=1)
    np.testing.assert_allclose(first, second / 2 + 0.5, atol=1e-5)
    np.testing.assert_allclose(third, 0.25, atol=1e-5)
