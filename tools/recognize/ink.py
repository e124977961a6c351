"""Finds the ink on a sheet: strokes are separated from the paper."""

from dataclasses import dataclass
from functools import cached_property

from tools.recognize.contrast import find_threshold, measure_contrast, raise_faint
from tools.recognize.images import SEARCH_SIZE, Floats, Grey, Mask, resize_longer_side
from tools.recognize.lines import remove_lines


@dataclass(frozen=True)
class Ink:
    """What is written on a sheet, at one size of it."""

    contrast: Floats  # (h, w), see `contrast.raise_faint`
    threshold: float  # the contrast that separates strokes from background

    @cached_property
    def strokes(self) -> Mask:
        """Where the strokes are, bool (h, w)."""
        return self.contrast > self.threshold

    @cached_property
    def unruled(self) -> Mask:
        """The strokes without the lines of ruled paper; `strokes` itself if there are none."""
        return remove_lines(self.strokes)


def find_ink(sheet: Grey, size: int = SEARCH_SIZE) -> Ink:
    """Finds the strokes on a sheet whose longer side is scaled to `size` pixels.

    Raises:
        InputError: nothing stands out.
    """
    contrast = measure_contrast(resize_longer_side(sheet, size))
    threshold = find_threshold(contrast)
    return Ink(raise_faint(contrast, threshold), threshold)
