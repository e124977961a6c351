"""`shallow`: a third Keras network, with one hidden layer, dropout and another optimizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.classifiers.network import LiteNetwork
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.section import Network, Share, Units

if TYPE_CHECKING:
    from stages.harness.params import Train
    from stages.training.backend import keras
    from stages.training.ensemble import Ensemble, Job

DESCRIPTION = "a neural network of one hidden layer"


class Params(Network):
    units: Units
    dropout: Share


def build(params: Params, _: int) -> keras.Sequential:
    from stages.training.backend import keras

    network = keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten()], name="shallow")
    network.add(keras.layers.Dense(params.units, activation="relu"))
    network.add(keras.layers.Dropout(params.dropout))
    network.add(keras.layers.Dense(CLASS_COUNT, activation="softmax"))
    return network


def fit(network: keras.Sequential, params: Params, job: Job) -> keras.callbacks.History:
    from stages.training.fit import training_batches, validation_batches

    network.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    size, validation = params.batch_size, validation_batches(*job.validation)
    train = training_batches(job.images, job.labels, batch_size=size, seed=job.seed)
    calls, epochs = [job.report], params.epochs
    return network.fit(
        train, epochs=epochs, validation_data=validation, callbacks=calls, shuffle=False, verbose=0
    )


def create(params: Params, train: Train) -> Ensemble:
    from stages.training.ensemble import Ensemble

    return Ensemble("shallow", params, train, build=build, fit=fit)


load = LiteNetwork
