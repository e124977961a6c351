"""The Keras networks `mlp` and `cnn`. The `mlp` is that of the article on which this is based."""

from stages.formats.task import CLASS_COUNT, SIDE
from stages.training import backend
from stages.training.augmentation import Affine
from stages.training.backend import keras
from stages.training.fit import Network, one_cycle


def build_mlp(hidden_units: list[int]) -> keras.Sequential:
    """Builds a multilayer perceptron: images (n, 28, 28, 1) to probabilities (n, 10)."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name="images"),
            layers.Flatten(name="flatten"),
            *[
                layers.Dense(units, activation="relu", name=f"hidden_{i}")
                for i, units in enumerate(hidden_units, 1)
            ],
            layers.Dense(CLASS_COUNT, activation="softmax", name="digits"),
        ],
        name="mlp",
    )


def build_cnn(filters: list[int], name: str) -> keras.Sequential:
    """Builds a convolutional network: images (n, 28, 28, 1) to probabilities (n, 10).

    There is no padding, because the border of these images is empty. There is no pooling: every
    second convolution halves the size, so the maps have 26, 12, 10, 4 and 2 pixels a side. Only
    the last two are batch-normalised: on the larger maps, batch normalisation takes a fifth of
    the time and does not raise the accuracy.
    """
    layers = keras.layers
    network = keras.Sequential([keras.Input((SIDE, SIDE, 1), name="images")], name=name)
    for i, count in enumerate(filters, 1):
        normalised = i > len(filters) - 2
        network.add(
            layers.Conv2D(
                count,
                kernel_size=3,
                strides=2 - i % 2,
                use_bias=not normalised,  # batch normalisation has its own
                kernel_initializer="he_normal",
                name=f"convolution_{i}",
            )
        )
        if normalised:
            network.add(layers.BatchNormalization(momentum=0.9, name=f"normalisation_{i}"))
        network.add(layers.ReLU(name=f"relu_{i}"))
    network.add(layers.Flatten(name="flatten"))
    network.add(layers.Dense(CLASS_COUNT, activation="softmax", name="digits"))
    return network


def new_mlp(
    *,
    hidden_units: list[int],
    learning_rate: float,
    batch_size: int,
    epochs: int,
    threads: int,
    seed: int,
) -> Network:
    """Creates an untrained `mlp` from the parameters of `models.mlp`."""
    backend.start(threads, seed)
    return Network(
        [build_mlp(hidden_units)],
        name="mlp",
        rate=lambda _: learning_rate,
        batch_size=batch_size,
        epochs=epochs,
        seed=seed,
    )


def new_cnn(
    *,
    filters: list[int],
    augmentation: dict[str, float],
    learning_rate: float,
    weight_decay: float,
    label_smoothing: float,
    batch_size: int,
    epochs: int,
    members: int,
    views: int,
    threads: int,
    seed: int,
) -> Network:
    """Creates an untrained `cnn` from the parameters of `models.cnn`."""
    backend.start(threads, seed)
    return Network(
        [build_cnn(filters, f"cnn_{i}") for i in range(1, members + 1)],
        name="cnn",
        rate=lambda steps: one_cycle(learning_rate, steps),
        weight_decay=weight_decay,
        label_smoothing=label_smoothing,
        augment=Affine(**augmentation),
        batch_size=batch_size,
        epochs=epochs,
        views=views,
        seed=seed,
    )
