"""The Keras networks `mlp` and `cnn`. The `mlp` is that of the article on which this is based."""

from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.errors import InputError
from stages.training import backend
from stages.training.augmentation import Affine
from stages.training.backend import keras
from stages.training.ensemble import Network
from stages.training.fit import Member, one_cycle


def build_mlp(hidden_units: list[int]) -> keras.Sequential:
    """Builds a multilayer perceptron: images (n, *SHAPE) to probabilities (n, classes)."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(SHAPE, name="images"),
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
    """Builds a convolutional network: images (n, *SHAPE) to probabilities (n, classes).

    There is no padding, because the border of these images is empty. There is no pooling: every
    second convolution halves the size: from 28 pixels a side to 26, 12, 10, 4 and 2. Only the
    last two are batch-normalised: on the larger maps, batch normalisation takes a fifth of the
    time and does not raise the accuracy.
    """
    layers = keras.layers
    network = keras.Sequential([keras.Input(SHAPE, name="images")], name=name)
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


def check_size(filters: list[int], shift: float, side: int) -> None:
    """Raises an InputError if `build_cnn` or `Affine` would leave nothing of an image.

    Args:
        side: the shorter side of the images, in pixels.
    """
    if shift > side / 2:
        raise InputError(
            f"params.yaml: models.cnn.augmentation.shift: {shift}; expected at most {side / 2}: "
            "half an image"
        )
    count, left = 0, side
    while left >= 3:
        count += 1
        left = (left - 3) // (2 - count % 2) + 1
    if len(filters) > count:
        raise InputError(
            f"params.yaml: models.cnn.filters: {len(filters)} convolutions; "
            f"expected at most {count}: no more fit on a side of {side} pixels"
        )


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
    member = Member(
        build_mlp(hidden_units),
        rate=lambda _: learning_rate,
        batch_size=batch_size,
        epochs=epochs,
        seed=seed,
    )
    return Network([member], name="mlp")


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
    strokes: float,
    threads: int,
    seed: int,
) -> Network:
    """Creates an untrained `cnn` from the parameters of `models.cnn`.

    Raises:
        InputError: see `check_size`.
    """
    check_size(filters, augmentation["shift"], min(SHAPE[:2]))
    backend.start(threads, seed)
    each = [
        Member(
            build_cnn(filters, f"cnn_{i + 1}"),
            rate=lambda steps: one_cycle(learning_rate, steps),
            weight_decay=weight_decay,
            label_smoothing=label_smoothing,
            augment=Affine(**augmentation),
            augment_seed=seed + i,
            strokes=strokes,
            batch_size=batch_size,
            epochs=epochs,
            seed=seed,
        )
        for i in range(members)
    ]
    return Network(each, name="cnn", views=views)
