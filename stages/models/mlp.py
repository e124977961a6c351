"""`mlp`: a multilayer perceptron, the network of the article.

The article is "MNIST digit recognition", Krunal Kapadiya, 2020-08-22.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from stages.classifiers.network import LiteNetwork
from stages.harness.section import Network, Units

if TYPE_CHECKING:
    from stages.formats.task import Task
    from stages.harness.params import Train
    from stages.training.backend import keras
    from stages.training.ensemble import Ensemble, Job

DESCRIPTION = "a neural network of fully connected layers"


class Params(Network):
    hidden_units: Annotated[list[Units], Field(min_length=1, max_length=8)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    optimizer: Literal["adam", "rmsprop", "sgd"]


def build(params: Params, task: Task, _: int) -> keras.Sequential:
    """Builds the only network: images (n, *task.shape) to probabilities (n, classes)."""
    from stages.training.backend import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(task.shape, name="images"),
            layers.Flatten(name="flatten"),
            *[
                layers.Dense(units, activation="relu", name=f"hidden_{i}")
                for i, units in enumerate(params.hidden_units, 1)
            ],
            *([layers.Dropout(params.dropout, name="dropout")] if params.dropout else []),
            layers.Dense(len(task.classes), activation="softmax", name="digits"),
        ],
        name="mlp",
    )


def fit(network: keras.Sequential, params: Params, job: Job) -> keras.callbacks.History:
    """Trains the network."""
    from stages.training.backend import keras
    from stages.training.fit import Adam, training_batches

    train = training_batches(job.images, job.labels, params.batch_size, job.train.seed)
    optimizers = {"adam": Adam, "rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD}
    optimizer = optimizers[params.optimizer](params.learning_rate)
    return job.fit(network, optimizer, train, params.epochs)


def create(params: Params, train: Train, task: Task) -> Ensemble:
    from stages.training.ensemble import Ensemble

    return Ensemble("mlp", params, train, task, build, fit)


load = LiteNetwork
