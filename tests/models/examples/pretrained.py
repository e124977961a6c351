"""`pretrained`: a MobileNet that has learned other images, with a new last layer.

Source: M. Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.classifiers.network import LiteNetwork
from stages.harness.section import Network

if TYPE_CHECKING:
    from stages.formats.task import Task
    from stages.harness.params import Train
    from stages.training.backend import keras
    from stages.training.ensemble import Ensemble, Job

DESCRIPTION = "a pretrained MobileNetV2 with a new last layer"
SIDE = 96  # pixels: images are enlarged to it


class Params(Network):
    weights: str | None  # imagenet, which Keras downloads; or a file; null: it learns all layers


def build(params: Params, task: Task, _: int) -> keras.Model:
    """Builds the network: images (n, *task.shape) to probabilities (n, classes)."""
    from stages.training.backend import keras

    layers = keras.layers
    base = keras.applications.MobileNetV2(
        (SIDE, SIDE, 3), alpha=0.35, include_top=False, weights=params.weights, pooling="avg"
    )
    base.trainable = params.weights is None
    images = keras.Input(task.shape, name="images")
    large = layers.Resizing(SIDE, SIDE)(images)
    if task.shape[2] == 1:
        large = layers.Concatenate()([large] * 3)
    features = base(layers.Rescaling(2.0, -1.0)(large))  # it reads -1 to 1
    answer = layers.Dense(len(task.classes), activation="softmax", name="classes")(features)
    return keras.Model(images, answer, name="pretrained")


def fit(network: keras.Model, params: Params, job: Job) -> keras.callbacks.History:
    """Trains the layers that are not frozen."""
    from stages.training.fit import Adam, training_batches

    train = training_batches(job.images, job.labels, params.batch_size, job.train.seed)
    return job.fit(network, Adam(params.learning_rate), train, params.epochs)


def create(params: Params, train: Train, task: Task) -> Ensemble:
    from stages.training.ensemble import Ensemble

    return Ensemble("pretrained", params, train, task, build, fit)


load = LiteNetwork
