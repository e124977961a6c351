"""Finds the ink in a picture: strokes are separated from the background."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from stages.harness.errors import InputError
from tools.recognize.contrast import (
    HALF,
    Look,
    find_threshold,
    lower_strong,
    measure_contrast,
    raise_faint,
)
from tools.recognize.images import SEARCH_SIZE, Floats, Grey, Mask, resize_longer_side
from tools.recognize.lines import remove_lines
from tools.recognize.regions import Regions

SOFTEST = 30  # pixels from background to stroke; even the dark side of a gradient takes more


@dataclass(frozen=True)
class Ink:
    """What is written in a picture, at one size of it."""

    contrast: Floats  # (h, w), see `contrast.raise_faint`
    threshold: float  # the contrast that separates strokes from background
    strokes: Mask  # (h, w)

    @cached_property
    def unruled(self) -> Mask:
        """The strokes without the lines of ruled paper; `strokes` itself if there are none."""
        return remove_lines(self.strokes)


def find_ink(picture: Grey, look: Look, size: int = SEARCH_SIZE) -> Ink:
    """Finds the strokes in a picture whose longer side is scaled to `size` pixels.

    Raises:
        InputError: nothing stands out, or only shading, whose edges are softer than those of ink.
    """
    turned = np.ascontiguousarray(np.rot90(picture, look.turns))
    contrast = measure_contrast(resize_longer_side(turned, size), look)
    threshold = find_threshold(contrast, look.share)
    adapted = (raise_faint if look.share == HALF else lower_strong)(contrast, threshold)
    regions = Regions.of(adapted > threshold)
    edges = np.where(ndimage.binary_erosion(regions.numbers), 0, regions.numbers)
    numbers = np.arange(1, len(regions.areas) + 1)
    sharp = ndimage.mean(np.hypot(*np.gradient(contrast)), edges, numbers) > 2 * threshold / SOFTEST
    if not sharp.any():
        raise InputError("no digit found: only shading")
    return Ink(adapted, threshold, regions.draw(sharp))
