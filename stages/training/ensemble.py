"""Networks that are trained and saved as one: the mean of its members, over shifted copies."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stages.classifiers.network import FLATBUFFER, WEIGHTS
from stages.classifiers.saved import write_manifest
from stages.formats.prepared import ImageRows, Labelled, Labels
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.progress import Progress
from stages.scoring.metrics import Curve, learning_curve
from stages.training.backend import keras, tf
from stages.training.fit import Member

# Pixels down and right: the image itself, then its 4 nearest and its 4 diagonal neighbours.
SHIFTS = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)]


class Network:
    """One or more networks that learn one after the other; the prediction is their mean.

    Args:
        members: they learn independently of each other.
        views: shifted copies of an image that the saved network averages over; see `average`.
    """

    def __init__(self, members: Sequence[Member], *, name: str, views: int = 1) -> None:
        self.members, self._name, self._views = members, name, views

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Trains on `images` and `labels`; `validation` is only scored, after each epoch.

        Args:
            images: float32 (n, *SHAPE), each value in [0, 1].
            labels: uint8 (n,), each a place in CLASSES.
            validation: images and labels of other rows; nothing is chosen by them.

        Returns:
            See `metrics.learning_curve`: means over the members. The training scores are means
            over the epoch, while the network still learns, on augmented images and smoothed
            labels if these are set.
        """
        self.members[0].model.summary()
        total = sum(member.epochs for member in self.members) * len(images)
        scores = []
        with Progress(total, "images") as bar:
            for member in self.members:
                title = f"{member.model.name}, " if len(self.members) > 1 else ""
                scores.append(member.fit(images, labels, validation, bar=bar, title=title))
        return learning_curve(np.mean(scores, axis=0))

    def save(self, folder: Path) -> None:
        """Writes the network as a LiteRT flatbuffer, its weights for Keras, and a manifest.

        There is no `.keras` file, because its bytes differ from run to run.
        """
        served = average([member.model for member in self.members], self._views)
        signature = [tf.TensorSpec([None, *SHAPE], tf.float32, name="images")]
        function = tf.function(lambda images: served(images, training=False), signature)
        # `from_keras_model` would save the network, load it and trace it again: four times as long.
        trace = function.get_concrete_function()
        converter = tf.lite.TFLiteConverter.from_concrete_functions([trace], function)
        (folder / FLATBUFFER).write_bytes(converter.convert())
        served.save_weights(folder / WEIGHTS)
        write_manifest(folder, family="network", model=self._name)


def average(members: Sequence[keras.Model], views: int) -> keras.Model:
    """Builds a network that averages the members' probabilities over shifted copies of an image.

    There are `views` copies, shifted by the first of `SHIFTS`. Like its members, the network
    maps images (n, *SHAPE) to probabilities (n, classes).
    """
    if len(members) == views == 1:
        return members[0]
    height, width, _ = SHAPE
    images = keras.Input(SHAPE, name="images")
    padded = keras.ops.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    copies = [padded[:, 1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in SHIFTS[:views]]
    stacked = keras.ops.concatenate(copies, axis=0)
    probabilities = sum(member(stacked) for member in members) / len(members)
    each = keras.ops.reshape(probabilities, (views, -1, CLASS_COUNT))
    return keras.Model(images, keras.ops.mean(each, axis=0))
