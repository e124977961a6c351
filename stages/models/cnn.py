"""`cnn`: convolutional networks that are averaged, over shifted copies of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from stages.classifiers.network import LiteNetwork
from stages.harness.section import MOST_SIDE, Network, Section, Share

if TYPE_CHECKING:
    from stages.formats.prepared import ImageRows, Labels, Shape
    from stages.formats.task import Task
    from stages.harness.params import Train
    from stages.training.backend import keras, tf
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
        stride = 1 + i % 2
        if side >= 3:
            convolutions.append((count, stride))
            side = (side - 3) // stride + 1
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
    for i, (count, stride) in enumerate(convolutions, 1):
        normalised = i > len(convolutions) - 2
        network.add(
            layers.Conv2D(
                count,
                kernel_size=3,
                strides=stride,
                use_bias=not normalised,  # batch normalisation has its own
                kernel_initializer="he_normal",
                name=f"convolution_{i}",
            )
        )
        if normalised:
            network.add(layers.BatchNormalization(momentum=0.9, name=f"normalisation_{i}"))
        network.add(layers.ReLU(name=f"relu_{i}"))
    network.add(layers.Flatten(name="flatten"))
    network.add(layers.Dense(len(task.classes), activation="softmax", name="digits"))
    return network


def fit(network: keras.Sequential, params: Params, job: Job) -> keras.callbacks.History:
    """Compiles a member and trains it on distorted images. Each member draws its own distortions.

    The learning rate follows one cycle. Weights decay as in I. Loshchilov and F. Hutter,
    "Decoupled Weight Decay Regularization", 2019; labels are smoothed as in C. Szegedy et al.,
    "Rethinking the Inception Architecture for Computer Vision", 2016.
    """
    from stages.training.augmentation import Affine, Distorted
    from stages.training.backend import keras
    from stages.training.fit import Adam, steps_per_call, training_batches, validation_batches
    from stages.training.strokes import draw_on

    seed, classes = job.seed + job.number - 1, len(job.task.classes)
    images = draw_on(job.images, job.labels, job.task, share=params.strokes, seed=seed)
    train = training_batches(images, job.labels, batch_size=params.batch_size, seed=job.seed)
    score_batches, loss = validation_batches, "sparse_categorical_crossentropy"
    accuracy = keras.metrics.SparseCategoricalAccuracy("accuracy")
    if params.label_smoothing:
        train = smooth(train, params.label_smoothing, classes)
        loss, accuracy = "categorical_crossentropy", keras.metrics.CategoricalAccuracy("accuracy")

        def score_batches(images: ImageRows, labels: Labels) -> tf.data.Dataset:
            return smooth(validation_batches(images, labels), 0, classes)

    optimizer = Adam(
        one_cycle(params.learning_rate, params.epochs * len(train)),
        weight_decay=params.weight_decay or None,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model = Distorted(network, Affine(**dict(params.augmentation)), seed)
    model.compile(
        optimizer=optimizer,
        loss=loss,
        metrics=[accuracy],
        steps_per_execution=steps_per_call(train),
    )
    return model.fit(
        train,
        epochs=params.epochs,
        validation_data=score_batches(*job.validation),
        callbacks=job.callbacks(score_batches),
        class_weight=job.class_weight,
        shuffle=False,  # `training_batches` does it
        verbose=0,
    )


def one_cycle(peak: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Raises the learning rate to `peak` in a tenth of the steps, then lowers it to 0.

    Source: L. N. Smith and N. Topin, "Super-Convergence: Very Fast Training of Neural Networks
    Using Large Learning Rates", 2019; the descent as in I. Loshchilov and F. Hutter, "SGDR", 2017.
    """
    from stages.training.backend import keras

    rise = max(1, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=max(1, steps - rise), warmup_target=peak, warmup_steps=rise
    )


def smooth(batches: tf.data.Dataset, share: float, classes: int) -> tf.data.Dataset:
    """Turns labels into probabilities (n, classes), a `share` of them spread over all classes."""
    from stages.training.backend import tf

    def spread(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return images, tf.one_hot(labels, classes) * (1 - share) + share / classes

    return batches.map(spread)


def create(params: Params, train: Train, task: Task) -> Ensemble:
    from stages.training.ensemble import Ensemble

    several = {"members": params.members, "views": params.views}
    return Ensemble("cnn", params, train, task, build=build, fit=fit, **several)


load = LiteNetwork
