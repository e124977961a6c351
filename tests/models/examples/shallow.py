"""`shallow`: a third Keras network, with one hidden layer, dropout and another optimizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.classifiers.network import LiteNetwork
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.section import Network, Rate, Units

if TYPE_CHECKING:
    from stages.harness.params import Train
    from stages.training.backend import keras
    from stages.training.ensemble import Ensemble, Job

DESCRIPTION = "a neural network of one hidden layer"


class Params(Network):
    units: Units
    dropout: Rate


def build(params: Params, _: int) -> keras.Sequential:
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
    from stages.training.backend import keras
    from stages.training.fit import Batches, validation_batches

    batches = Batches(job.images, job.labels, batch_size=params.batch_size, seed=job.seed)
    network.compile(
        optimizer=keras.optimizers.SGD(params.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return network.fit(
        batches.dataset(),
        epochs=params.epochs,
        validation_data=validation_batches(*job.validation),
        callbacks=[batches, *job.callbacks],
        shuffle=False,  # `Batches` does it
        verbose=0,
    )


def create(params: Params, train: Train) -> Ensemble[Params]:
    from stages.training.ensemble import Ensemble

    return Ensemble("shallow", params, train, build=build, fit=fit)


load = LiteNetwork.load
