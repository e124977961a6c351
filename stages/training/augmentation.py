"""Random distortions of training images; the mean over shifted copies of an image to predict."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from stages.training.backend import keras, tf

# Pixels down and right: the image itself, then its 4 nearest and its 4 diagonal neighbours.
SHIFTS = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)]


def distort(
    images: tf.Tensor, seed: tf.Tensor, *, rotation: float, shift: float, zoom: float, shear: float
) -> tf.Tensor:
    """Maps each image by a random affine map; pixels from outside become 0.

    Each part of a map is uniform between minus and plus its value.

    Args:
        images: float32 (n, *shape), each value in [0, 1].
        seed: two integers, which decide the maps.
        rotation: in degrees, about the centre.
        shift: in pixels, along both axes.
        zoom: as a fraction of the size; width and height are drawn independently.
        shear: sideways, in pixels per pixel of height.
    """
    centre_y, centre_x = ((side - 1) / 2 for side in images.shape[1:3])
    chance = tf.random.stateless_uniform([6, tf.shape(images)[0]], seed, -1, 1)
    turn, slant = chance[0] * math.radians(rotation), chance[1] * shear
    wide, high = 1 + chance[2] * zoom, 1 + chance[3] * zoom
    right, down = chance[4] * shift, chance[5] * shift
    # The place in the old image that a pixel of the new one is read from: rotation x shear
    # x zoom about the centre, so that the pixels are interpolated only once.
    cos, sin = tf.cos(turn), tf.sin(turn)
    a, b = cos * wide, (cos * slant - sin) * high
    c, d = sin * wide, (sin * slant + cos) * high
    x = centre_x * (1 - a - b * (centre_y / centre_x)) + right
    y = centre_y * (1 - c * (centre_x / centre_y) - d) + down
    none = tf.zeros_like(turn)
    maps = tf.stack([a, b, x, c, d, y, none, none], axis=1)
    return keras.ops.image.affine_transform(images, maps, data_format="channels_last")


class Distorted(keras.Model):  # type: ignore[misc]
    """Trains a network on images that are distorted anew in each step, but not for a prediction.

    `distort` is given a batch of images (n, *shape), and two integers that decide what it does:
    `seed` and the number of the step.
    """

    def __init__(
        self, network: keras.Model, distort: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], seed: int
    ) -> None:
        super().__init__(name=network.name)
        self._network, self._distort, self._seed = network, distort, seed

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self._network(images, training=training)

    def train_step(self, data: tuple[tf.Tensor, ...]) -> Any:
        images, *labels = data  # and their weights, if there are any
        step = tf.cast(self.optimizer.iterations.value, tf.int64)
        images = self._distort(images, tf.stack([tf.constant(self._seed, tf.int64), step]))
        return super().train_step((images, *labels))


def average(members: Sequence[keras.Model], views: int) -> keras.Model:
    """Builds a network that averages the members' probabilities over shifted copies of an image.

    There are `views` copies, shifted by the first of `SHIFTS`. Like its members, it maps images
    (n, *shape) to probabilities (n, classes).
    """
    if len(members) == views == 1:
        return members[0]
    (_, height, width, channels), (_, classes) = members[0].input_shape, members[0].output_shape
    images = keras.Input((height, width, channels), name="images")
    padded = keras.ops.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    copies = [padded[:, 1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in SHIFTS[:views]]
    stacked = keras.ops.concatenate(copies, axis=0)
    probabilities = sum(member(stacked) for member in members) / len(members)
    each = keras.ops.reshape(probabilities, (views, -1, classes))
    return keras.Model(images, keras.ops.mean(each, axis=0))
