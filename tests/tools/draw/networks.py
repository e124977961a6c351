"""Networks that the page must run: untrained, but of different opinions about different images."""

from pathlib import Path

import numpy as np

from stages.classifiers.saved import save_classifier
from stages.training.backend import keras, start
from tests.support.small import create_small


def save(folder: Path, models: list[keras.Model], *, views: int = 1, seed: int = 0) -> None:
    """Saves the mean of networks as `train` does, after it has drawn their weights."""
    rng = np.random.default_rng(seed)
    for model in models:
        for layer in model.layers:
            layer.set_weights([_draw_weights(rng, values) for values in layer.get_weights()])
    ensemble = create_small("cnn", members=1, views=views)
    ensemble.members = models
    save_classifier(ensemble, "cnn", folder)


def _draw_weights(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    """Weights with which the layers' values neither vanish nor explode; variances above 0."""
    inputs = np.prod(values.shape[:-1])
    if values.ndim == 1:
        return rng.uniform(0.1, 0.5, values.shape)
    return rng.normal(0, 2 / np.sqrt(inputs), values.shape)


def build_residual() -> keras.Model:
    """A network with all other layers that the page knows."""
    start(threads=1, seed=0)
    layers = keras.layers
    images = keras.Input((28, 28, 1))
    x = layers.Conv2D(4, 3, padding="same")(images)
    x = layers.MaxPooling2D()(x)
    y = layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    x = layers.Add()([layers.Conv2D(4, 1, strides=2)(x), y])
    x = layers.Dropout(0.5)(layers.ReLU()(x))
    x = layers.ReLU()(layers.GlobalAveragePooling2D()(layers.BatchNormalization()(x)))
    x = layers.Dense(8, activation="relu")(x)
    return keras.Model(images, layers.Dense(10, activation="softmax")(x), name="residual")
