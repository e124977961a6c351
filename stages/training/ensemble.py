"""Networks that learn independently, and are saved as one that averages them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.classifiers.network import FLATBUFFER, WEIGHTS
from stages.formats.prepared import ImageRows, Labelled, Labels
from stages.formats.task import Task
from stages.harness.errors import InputError
from stages.harness.params import Train
from stages.harness.section import Network
from stages.scoring.metrics import Curve, learning_curve
from stages.training import backend
from stages.training.augmentation import average
from stages.training.backend import keras, tf
from stages.training.fit import CALLS, EarlyStopping, Report, smooth, validation_batches
from stages.training.rows import hold_back


@dataclass(frozen=True)
class Job:
    """What the training of one member is given; for the data, see `Trainable.fit`."""

    task: Task
    train: Train
    images: ImageRows
    labels: Labels
    validation: Labelled
    number: int  # of the member, from 1
    held_back: Labelled | None = None  # training rows that only tell when to stop

    def fit(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        batches: tf.data.Dataset,
        epochs: int,
        smoothing: float | None = None,
    ) -> keras.callbacks.History:
        """Compiles and trains a model on the labels; with `smoothing`, on what `smooth` makes."""
        classes = len(self.task.classes)

        def convert(batches: tf.data.Dataset, share: float = 0) -> tf.data.Dataset:
            return batches if smoothing is None else smooth(batches, share, classes)

        counts = np.bincount(self.labels, minlength=classes).clip(1)
        weights = len(self.labels) / classes / counts  # all classes count alike
        callbacks: list[keras.callbacks.Callback] = [Report()]
        if self.held_back and self.train.patience:
            held_back = convert(validation_batches(*self.held_back))
            callbacks.append(EarlyStopping(self.train.patience, held_back))
        model.compile(
            optimizer=optimizer,
            loss=f"{'sparse_' if smoothing is None else ''}categorical_crossentropy",
            metrics=["accuracy"],
            steps_per_execution=-(-len(batches) // CALLS),
        )
        return model.fit(
            convert(batches, smoothing or 0),
            epochs=epochs,
            validation_data=convert(validation_batches(*self.validation)),
            callbacks=callbacks,
            class_weight=dict(enumerate(weights)) if self.train.class_weight else None,
            shuffle=False,  # `training_batches` does it
            verbose=0,
        )


@dataclass
class Ensemble:
    """One or more networks; the prediction is their mean.

    It raises an InputError if Keras cannot build the network; see also `backend.start`.
    """

    model: str  # its name
    params: Network  # of the model
    train: Train
    task: Task
    build: Callable[[Any, Task, int], keras.Model]  # makes a member by `params`, task and number
    train_network: Callable[[keras.Model, Any, Job], keras.callbacks.History]
    count: int = 1  # of the members, which learn independently of each other
    views: int = 1  # shifted copies of an image that the saved network averages over
    threads: int = 1  # or 2: the bytes are the same; with more they are not

    def __post_init__(self) -> None:
        backend.start(self.threads, self.train.seed, self.train.device)
        try:
            self.members = [self.build(self.params, self.task, 1 + i) for i in range(self.count)]
        except ValueError as error:  # such as a convolution of an image that is too small
            fault = f"Keras cannot build this network: {error!s:.160}; change its layers"
            raise InputError(f"params.yaml: models.{self.model}: {fault}") from None

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Trains each member; see `Trainable.fit`. The scores are means over the members.

        Those of the training rows are means over the epoch, while the network still learns, on
        augmented images and smoothed labels if these are set.
        """
        scores = [self.fit_member(1 + i, images, labels, validation) for i in range(self.count)]
        return learning_curve(*scores)

    def fit_member(
        self, number: int, images: ImageRows, labels: Labels, validation: Labelled
    ) -> npt.NDArray[np.float64]:
        """Trains a member, once only; returns its scores as `learning_curve` takes them."""
        network, held_back = self.members[number - 1], None
        if number == 1:
            network.summary(line_length=80)
        if self.train.patience:
            images, labels, held_back = hold_back(images, labels, self.train.seed)
        job = Job(self.task, self.train, images, labels, validation, number, held_back)
        history = self.train_network(network, self.params, job).history
        measures = ("loss", "val_loss", "accuracy", "val_accuracy")
        return np.transpose([history[name] for name in measures])

    def save(self, folder: Path) -> None:
        """Writes the network as a LiteRT flatbuffer, and its weights for Keras.

        There is no `.keras` file, because its bytes differ from run to run.
        """
        for network in self.members:
            network.optimizer = None  # its state would be saved, too
        served = average(self.members, self.views)
        signature = [tf.TensorSpec([None, *self.task.shape], tf.float32, name="images")]
        function = tf.function(lambda images: served(images, training=False), signature)
        # `from_keras_model` would save the network, load it and trace it again: four times as long.
        trace = function.get_concrete_function()
        converter = tf.lite.TFLiteConverter.from_concrete_functions([trace], function)
        (folder / FLATBUFFER).write_bytes(converter.convert())
        served.save_weights(folder / WEIGHTS)
