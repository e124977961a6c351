"""`shallow`: a third Keras network, with one hidden layer, dropout and another optimizer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.section import Epochs, Rate, Section, Units

if TYPE_CHECKING:
    from stages.classifiers.network import LiteNetwork
    from stages.harness.params import Train
    from stages.training.backend import keras
    from stages.training.ensemble import Ensemble, Job

DESCRIPTION = "a neural network of one hidden layer"


class Params(Section):
    units: Units
    dropout: Rate
    epochs: Epochs


def build(params: Params) -> keras.Sequential:
    from stages.training.backend import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(SHAPE, name="images"),
            layers.Flatten(name="flatten"),
            layers.Dense(params.units, activation="relu", name="hidden"),
            layers.Dropout(params.dropout, name="dropout"),
            layers.Dense(CLASS_COUNT, activation="softmax", name="digits"),
        ],
        name="shallow",
    )


def fit(network: keras.Sequential, params: Params, job: Job) -> keras.callbacks.History:
    from stages.training.fit import Batches, validation_batches

    batches = Batches(job.images, job.labels, batch_size=64, seed=job.seed)
    network.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
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
        "shallow",
        build=lambda _: build(params),
        fit=lambda network, job: fit(network, params, job),
        threads=1,
        train=train,
    )


def load(folder: Path) -> LiteNetwork:
    from stages.classifiers.network import LiteNetwork

    return LiteNetwork.load(folder)
