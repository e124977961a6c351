"""Random distortions of training images, so that a network does not learn them by heart."""

import math
from dataclasses import dataclass

from stages.backend import keras, tf
from stages.dataset import SIDE

CENTRE = (SIDE - 1) / 2


@dataclass(frozen=True)
class Affine:
    """One affine map for each image; every part of it is uniform between plus and minus.

    Attributes:
        rotation: in degrees.
        shift: in pixels, along both axes.
        zoom: a share of the size, of width and height independently.
        shear: sideways, in pixels for each pixel of height.
    """

    rotation: float
    shift: float
    zoom: float
    shear: float

    def __call__(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Maps images (n, 28, 28, 1); the same `seed`, two integers, gives the same maps."""
        chance = tf.random.stateless_uniform([6, tf.shape(images)[0]], seed, -1, 1)
        turn, shear = chance[0] * math.radians(self.rotation), chance[1] * self.shear
        wide, high = 1 + chance[2] * self.zoom, 1 + chance[3] * self.zoom
        right, down = chance[4] * self.shift, chance[5] * self.shift
        # Where in the old image a pixel of the new one comes from: rotation x shear x zoom,
        # about the centre, and all in one reading of the pixels.
        cos, sin = tf.cos(turn), tf.sin(turn)
        a, b = cos * wide, (cos * shear - sin) * high
        c, d = sin * wide, (sin * shear + cos) * high
        x = CENTRE * (1 - a - b) + right
        y = CENTRE * (1 - c - d) + down
        none = tf.zeros_like(turn)
        maps = tf.stack([a, b, x, c, d, y, none, none], axis=1)
        return keras.ops.image.affine_transform(images, maps, data_format="channels_last")
