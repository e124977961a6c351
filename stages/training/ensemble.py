"""Networks that are trained one after the other, and saved as one that averages them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.classifiers.network import FLATBUFFER, WEIGHTS
from stages.cluster.tasks import address
from stages.formats.prepared import ImageRows, Labelled, Labels
from stages.formats.task import Task
from stages.harness.errors import InputError
from stages.harness.params import Train
from stages.harness.section import Network
from stages.scoring.metrics import Curve, learning_curve
from stages.training import backend
from stages.training.augmentation import average
from stages.training.backend import keras, tf
from stages.training.fit import EarlyStopping, Report
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

    @property
    def seed(self) -> int:
        """The seed of the order of the rows; the same for all members."""
        return self.train.seed

    @property
    def class_weight(self) -> dict[int, float] | None:
        """The weight of each class; all together count alike. None if each row counts alike."""
        counts = np.bincount(self.labels, minlength=len(self.task.classes)).clip(1)
        weights = len(self.labels) / len(counts) / counts
        return dict(enumerate(weights.tolist())) if self.train.class_weight else None

    def callbacks(
        self, batches: Callable[[ImageRows, Labels], tf.data.Dataset]
    ) -> list[keras.callbacks.Callback]:
        """Returns those that show the progress, and that stop early; `batches` are to score."""
        patience, held_back = self.train.patience, self.held_back
        stop = [EarlyStopping(patience, batches(*held_back))] if patience and held_back else []
        return [Report(), *stop]


class Ensemble:
    """One or more networks that learn one after the other; the prediction is their mean.

    Args:
        model: the name of the model.
        params: its section, of which `threads` is used here.
        train: has the seed, the device, and when to stop.
        task: what the networks learn.
        build: makes the untrained network of a member, given `params`, `task` and its number.
        fit: compiles and trains it.
        members: how many; they learn independently of each other.
        views: shifted copies of an image that the saved network averages over; see `average`.

    Raises:
        InputError: see `backend.start`; or Keras cannot build the network.
    """

    FAMILY = "network"

    def __init__(
        self,
        model: str,
        params: Network,
        train: Train,
        task: Task,
        *,
        build: Callable[[Any, Task, int], keras.Model],
        fit: Callable[[keras.Model, Any, Job], keras.callbacks.History],
        members: int = 1,
        views: int = 1,
    ) -> None:
        backend.start(params.threads, train.seed, train.device)
        self.model, self._params, self._train, self.task = model, params, train, task
        self._fit, self._views = fit, views
        try:
            self.members = [build(params, task, number) for number in range(1, members + 1)]
        except ValueError as error:  # such as a convolution of an image that is too small
            fault = f"Keras cannot build this network: {error!s:.160}"
            raise InputError(f"params.yaml: models.{model}: {fault}; change its layers") from None

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Trains each member; see `Trainable.fit`.

        Returns:
            Means over the members. The training scores are means over the epoch, while the network
            still learns, on augmented images and smoothed labels if these are set.
        """
        self.members[0].summary(line_length=80)
        if address() and len(self.members) > 1:
            from stages.training import cluster

            scores = cluster.train_members(self)
        else:
            numbers = range(1, len(self.members) + 1)
            scores = [self.fit_member(number, images, labels, validation) for number in numbers]
        return learning_curve(*scores)

    def fit_member(
        self, number: int, images: ImageRows, labels: Labels, validation: Labelled
    ) -> npt.NDArray[np.float64]:
        """Trains a member, once only; returns its scores as `learning_curve` takes them."""
        network, held_back = self.members[number - 1], None
        if self._train.patience:
            images, labels, held_back = hold_back(images, labels, self._train.seed)
        job = Job(self.task, self._train, images, labels, validation, number, held_back)
        history = self._fit(network, self._params, job).history
        measures = ("loss", "val_loss", "accuracy", "val_accuracy")
        return np.transpose([history[name] for name in measures])

    def save(self, folder: Path) -> None:
        """Writes the network as a LiteRT flatbuffer, and its weights for Keras.

        There is no `.keras` file, because its bytes differ from run to run.
        """
        for network in self.members:
            network.optimizer = None  # its state would be saved, too
        served = average(self.members, self._views)
        signature = [tf.TensorSpec([None, *self.task.shape], tf.float32, name="images")]
        function = tf.function(lambda images: served(images, training=False), signature)
        # `from_keras_model` would save the network, load it and trace it again: four times as long.
        trace = function.get_concrete_function()
        converter = tf.lite.TFLiteConverter.from_concrete_functions([trace], function)
        (folder / FLATBUFFER).write_bytes(converter.convert())
        served.save_weights(folder / WEIGHTS)
