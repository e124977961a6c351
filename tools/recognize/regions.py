"""Connected regions of a picture: where each one is, and how large."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from tools.recognize.images import Box, Mask

DIAGONALS = np.ones((3, 3), bool)  # for `label`: pixels that touch at a corner are connected too

Numbers = npt.NDArray[np.integer]  # (h, w): 1 to n in n regions, 0 between them
Selected = npt.NDArray[np.bool_]  # (n,): some of the regions


class Region(NamedTuple):
    """Connected or grouped pixels."""

    box: Box
    mask: Mask  # (h, w) of the box: which of its pixels belong to the region


class Regions:
    """Numbered regions of a picture; all sizes are in pixels."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.boxes = ndimage.find_objects(numbers)
        self.areas = np.bincount(numbers.ravel())[1:]
        bounds = np.array([[(place.start, place.stop) for place in box] for box in self.boxes])
        self.starts, self.stops = bounds.reshape(-1, 2, 2).transpose(2, 0, 1)  # (n, 2)
        self.sides = self.stops - self.starts  # (n, 2): heights and widths
        self.heights, self.lengths = self.sides[:, 0], self.sides.max(axis=1, initial=0)

    @classmethod
    def of(cls, mask: Mask) -> "Regions":
        """Returns the connected regions of a mask."""
        return cls(ndimage.label(mask, DIAGONALS)[0])

    def select_inner(self) -> Selected:
        """Selects the regions that do not touch the border."""
        return np.asarray(((self.starts > 0) & (self.stops < self.numbers.shape)).all(axis=1))

    def draw(self, selected: Selected) -> Mask:
        """Returns a mask of the selected regions, bool (h, w)."""
        return np.concatenate([[False], selected])[self.numbers]

    def cut_out(self, number: int) -> Region:
        """Returns one region, counted from 0."""
        box = self.boxes[number]
        return Region(box, self.numbers[box] == number + 1)
