"""The networks: the article's, and a convolutional one of the asked-for form."""

import pytest

from stages.backend import keras, start
from stages.networks import cnn, mlp


@pytest.fixture(autouse=True)
def _started() -> None:
    start(threads=1, seed=0)


def test_the_layers_of_the_mlp_are_the_articles() -> None:
    found = [
        (type(layer).__name__, getattr(layer, "units", None), getattr(layer, "activation", None))
        for layer in mlp([128, 64]).layers
    ]
    assert found == [
        ("Flatten", None, None),
        ("Dense", 128, keras.activations.relu),
        ("Dense", 64, keras.activations.relu),
        ("Dense", 10, keras.activations.softmax),
    ]


@pytest.mark.parametrize("layers", [1, 2, 3, 4, 5])
def test_every_second_convolution_halves_the_size(layers: int) -> None:
    filters = [4, 8, 16, 32, 64][:layers]
    found = [
        layer.output.shape[1:]
        for layer in cnn(filters, "cnn").layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    sides = [26, 12, 10, 4, 2][:layers]
    assert found == [(side, side, count) for side, count in zip(sides, filters, strict=True)]


def test_a_cnn_gives_a_probability_for_each_digit() -> None:
    model = cnn([4, 8], "cnn")
    assert model.input_shape == (None, 28, 28, 1)
    assert model.output_shape == (None, 10)
    assert model.layers[-1].activation is keras.activations.softmax
