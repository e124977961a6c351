"""`mlp`: a multilayer perceptron, the network of the article.

The article is "MNIST digit recognition", Krunal Kapadiya, 2020-08-22.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.section import Epochs, Rate, Section, Threads, Units

if TYPE_CHECKING:
    from stages.classifiers.network import LiteNetwork
    from stages.harness.params import Train
    from stages.training.backend import keras
    from stages.training.ensemble import Ensemble, Job

DESCRIPTION = "a neural network of fully connected layers"


class Params(Section):
    hidden_units: Annotated[list[Units], Field(min_length=1, max_length=8)]
    learning_rate: Rate
    batch_size: Units
    epochs: Epochs
    threads: Threads


def build(params: Params) -> keras.Sequential:
    """Builds the network: images (n, *SHAPE) to probabilities (n, classes)."""
    from stages.training.backend import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(SHAPE, name="images"),
            layers.Flatten(name="flatten"),
            *[
                layers.Dense(units, activation="relu", name=f"hidden_{i}")
                for i, units in enumerate(params.hidden_units, 1)
            ],
            layers.Dense(CLASS_COUNT, activation="softmax", name="digits"),
        ],
        name="mlp",
    )


def fit(network: keras.Sequential, params: Params, job: Job) -> keras.callbacks.History:
    """Compiles the network and trains it."""
    from stages.training.fit import Adam, Batches, validation_batches

    batches = Batches(job.images, job.labels, batch_size=params.batch_size, seed=job.seed)
    network.compile(
        optimizer=Adam(params.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=batches.steps_per_execution,
    )
    return network.fit(
        batches.dataset(),
        epochs=params.epochs,
        validation_data=validation_batches(*job.validation),
        callbacks=[batches, *job.callbacks],
        shuffle=False,  # `Batches` does it
        verbose=0,
    )


def create(params: Params, train: Train) -> Ensemble:
    from stages.training.ensemble import Ensemble

    return Ensemble(
        "mlp",
        build=lambda _: build(params),
        fit=lambda network, job: fit(network, params, job),
        threads=params.threads,
        train=train,
    )


def load(folder: Path) -> LiteNetwork:
    from stages.classifiers.network import LiteNetwork

    return LiteNetwork.load(folder)
