"""`cnn`: convolutional networks that are averaged, over shifted copies of an image."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from stages.classifiers.network import LiteNetwork
from stages.harness.section import MOST_SIDE, Network, Section, Share

if TYPE_CHECKING:
    from stages.formats.prepared import Shape
    from stages.formats.task import Task
    from stages.harness.params import Train
    from stages.training.backend import keras
    from stages.training.ensemble import Ensemble, Job

DESCRIPTION = "the mean of neural networks with convolutions"


class Augmentation(Section):
    rotation: Annotated[float, Field(ge=0, le=180)]
    shift: Annotated[float, Field(ge=0, le=MOST_SIDE / 2)]
    zoom: Annotated[float, Field(ge=0, lt=1)]
    shear: Annotated[float, Field(ge=0, le=2)]


class Params(Network):
    filters: Annotated[
        list[Annotated[int, Field(ge=1, le=1024)]] | None, Field(min_length=1, max_length=16)
    ]
    augmentation: Augmentation
    weight_decay: Annotated[float, Field(ge=0, lt=1)]
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    members: Annotated[int, Field(ge=1, le=20)]
    views: Annotated[int, Field(ge=1, le=9)]
    strokes: Share


FILTERS = (16, 32, 64, 64, 128)  # of the convolutions of an image of 28 pixels a side
LARGE = 40  # pixels a side: larger images are halved first


def plan(params: Params, shape: Shape) -> list[tuple[int, int]]:
    """Lists filters and stride of each convolution; see `build`.

    By default an image is halved until it is not `LARGE`, and then has as many convolutions with
    `FILTERS` as its size allows.
    """
    if params.filters:
        return [(count, 1 + i % 2) for i, count in enumerate(params.filters)]
    convolutions, side = [], min(shape[:2])
    while side > LARGE:
        convolutions.append((FILTERS[0], 2))
        side = (side - 1) // 2
    for i, count in enumerate(FILTERS):
        if side >= 3:
            convolutions.append((count, 1 + i % 2))
            side = (side - 3) // (1 + i % 2) + 1
    return convolutions


def build(params: Params, task: Task, number: int) -> keras.Sequential:
    """Builds member `number` of the ensemble: images (n, *task.shape) to probabilities.

    There is no padding, because the border of digits is empty. There is no pooling: every second
    convolution halves the size: from 28 pixels a side to 26, 12, 10, 4 and 2. Only the last two
    are batch-normalised: on the larger maps, batch normalisation takes a fifth of the time and
    does not raise the accuracy.
    """
    from stages.training.backend import keras

    layers, convolutions = keras.layers, plan(params, task.shape)
    network = keras.Sequential([keras.Input(task.shape, name="images")], name=f"cnn_{number}")
    convolve = partial(layers.Conv2D, kernel_size=3, kernel_initializer="he_normal")
    for i, (count, stride) in enumerate(convolutions, 1):
        normalised = i > len(convolutions) - 2  # batch normalisation has a bias of its own
        name = f"convolution_{i}"
        network.add(convolve(count, strides=stride, use_bias=not normalised, name=name))
        if normalised:
            network.add(layers.BatchNormalization(momentum=0.9, name=f"normalisation_{i}"))
        network.add(layers.ReLU(name=f"relu_{i}"))
    network.add(layers.Flatten(name="flatten"))
    network.add(layers.Dense(len(task.classes), activation="softmax", name="digits"))
    return network


def fit(network: keras.Sequential, params: Params, job: Job) -> keras.callbacks.History:
    """Trains a member on distorted images. Each member draws its own distortions.

    The learning rate follows one cycle. Weights decay as in I. Loshchilov and F. Hutter,
    "Decoupled Weight Decay Regularization", 2019; labels are smoothed as in C. Szegedy et al.,
    "Rethinking the Inception Architecture for Computer Vision", 2016.
    """
    from stages.training.augmentation import Distorted, distort
    from stages.training.fit import Adam, one_cycle, training_batches
    from stages.training.strokes import draw_on

    seed = job.train.seed + job.number - 1
    images = draw_on(job.images, job.labels, job.task, share=params.strokes, seed=seed)
    train = training_batches(images, job.labels, params.batch_size, job.train.seed)
    rate = one_cycle(params.learning_rate, params.epochs * len(train))
    optimizer = Adam(rate, weight_decay=params.weight_decay or None)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model = Distorted(network, partial(distort, **dict(params.augmentation)), seed)
    return job.fit(model, optimizer, train, params.epochs, params.label_smoothing)


def create(params: Params, train: Train, task: Task) -> Ensemble:
    from stages.training.ensemble import Ensemble

    size = {"count": params.members, "views": params.views, "threads": 2}
    return Ensemble("cnn", params, train, task, build, fit, **size)


load = LiteNetwork
