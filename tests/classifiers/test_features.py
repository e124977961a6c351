"""Features: upright digits, and gradients summed by direction and place."""

import numpy as np
import pytest

from stages.classifiers.features import Planes, deskew, extract_features, sum_gradients
from stages.formats.prepared import to_images
from stages.harness.errors import InputError
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
    assert np.isfinite(sum_gradients(blank, 8, 7)).all()


def test_a_turned_image_has_turned_features(planes: Planes) -> None:
    """A quarter turn moves the cells, and each direction by a quarter of all directions."""
    first = sum_gradients(planes, 8, 7).reshape(-1, 8, 7, 7)
    turned = sum_gradients(np.rot90(planes, axes=(1, 2)), 8, 7).reshape(-1, 8, 7, 7)
    expected = np.roll(np.rot90(first, axes=(2, 3)), -2, axis=1)
    np.testing.assert_allclose(turned, expected, atol=2e-3)


def test_an_image_does_not_depend_on_its_neighbours(planes: Planes) -> None:
    images = np.resize(planes, (1100, 28, 28))[..., None]
    together = extract_features(images, True, 8, 7)
    np.testing.assert_allclose(
        together[1070:], extract_features(images[1070:], True, 8, 7), atol=1e-6
    )


def test_images_of_another_shape_are_refused() -> None:
    with pytest.raises(InputError, match=r"grey images of shape \(28, 28, 1\), .* \(20, 24, 3\)"):
        extract_features(np.zeros((2, 20, 24, 3), np.float32), True, 8, 7)
