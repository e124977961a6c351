"""The layers of the networks."""

import pytest

from stages.harness.errors import InputError
from stages.training.backend import keras, start
from stages.training.networks import build_cnn, build_mlp, check_size


@pytest.fixture(autouse=True)
def _started() -> None:
    start(threads=1, seed=0)


def test_the_layers_of_the_mlp_are_the_articles() -> None:
    layers = [
        (type(layer).__name__, getattr(layer, "units", None), getattr(layer, "activation", None))
        for layer in build_mlp([128, 64]).layers
    ]
    assert layers == [
        ("Flatten", None, None),
        ("Dense", 128, keras.activations.relu),
        ("Dense", 64, keras.activations.relu),
        ("Dense", 10, keras.activations.softmax),
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_every_second_convolution_halves_the_size(count: int) -> None:
    filters = [4, 8, 16, 32, 64][:count]
    shapes = [
        layer.output.shape[1:]
        for layer in build_cnn(filters, "cnn").layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    sides = [26, 12, 10, 4, 2][:count]
    assert shapes == list(zip(sides, sides, filters, strict=True))


def test_a_cnn_gives_a_probability_for_each_digit() -> None:
    model = build_cnn([4, 8], "cnn")
    assert model.input_shape == (None, 28, 28, 1)
    assert model.output_shape == (None, 10)
    assert model.layers[-1].activation is keras.activations.softmax


def test_what_an_image_is_too_small_for_is_refused() -> None:
    check_size([1] * 5, 14, 28)
    check_size([1] * 4, 10, 20)
    for filters, shift, side, expected in (
        (6, 0, 28, r"models\.cnn\.filters: 6 convolutions; expected at most 5"),
        (5, 0, 20, r"models\.cnn\.filters: 5 convolutions; expected at most 4"),
        (1, 14.5, 28, r"models\.cnn\.augmentation\.shift: 14\.5; expected at most 14"),
    ):
        with pytest.raises(InputError, match=expected):
            check_size([1] * filters, shift, side)
