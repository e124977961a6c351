"""Draws letters and lines; distorts, spoils, cuts and joins drawings."""

from collections.abc import Iterable
from pathlib import Path

import matplotlib
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from tools.recognize.images import Floats, Mask, bounding_box

FONT_FOLDER = Path(matplotlib.get_data_path()) / "fonts" / "ttf"

Generator = np.random.Generator
Size = tuple[int, int]  # pixels: width and height


def write_letter(
    letter: str, font: str, height: int, size: Size, place: Size, paper: int = 0, ink: int = 1
) -> Image.Image:
    """Writes a letter of so many pixels, its middle at a place."""
    image = Image.new("L", size, paper)
    face = ImageFont.truetype(FONT_FOLDER / f"{font}.ttf", height)
    ImageDraw.Draw(image).text(place, letter, fill=ink, font=face, anchor="mm")
    return image


def draw_lines(
    lines: Iterable[npt.NDArray[np.float64]], width: int, size: Size, paper: int = 0, ink: int = 1
) -> Image.Image:
    """Draws lines through points (n, 2) in pixels."""
    image = Image.new("L", size, paper)
    for line in lines:
        points = [tuple(point) for point in line]
        ImageDraw.Draw(image).line(points, fill=ink, width=width, joint="curve")
    return image


KNOTS = 6  # of the grid of random shifts, on each side
SHIFT = 0.02  # of the drawing's side: their standard deviation


def distort(image: Floats, amount: float, generator: Generator) -> Floats:
    """Turns, shears and stretches a drawing about its middle, and bends it.

    `amount` is the standard deviation of the four numbers of the affine map. The bends as in P. Y.
    Simard, D. Steinkraus and J. C. Platt, "Best Practices for Convolutional Neural Networks Applied
    to Visual Document Analysis", ICDAR 2003, but from a coarse grid.
    """
    middle = (np.array(image.shape)[:, None, None] - 1) / 2
    change = np.eye(2) + generator.normal(0, amount, (2, 2))
    places = np.tensordot(change, np.indices(image.shape) - middle, 1) + middle
    scale = [side / KNOTS for side in image.shape]
    for axis in places:
        knots = generator.normal(0, SHIFT * len(image), (KNOTS, KNOTS))
        axis += ndimage.zoom(knots, scale, order=3, mode="nearest")
    return np.asarray(ndimage.map_coordinates(image, places, order=1), np.float32)


def add_dirt(drawing: Floats, generator: Generator) -> Floats:
    """Draws one to three specks in a digit or near it."""
    image, box = Image.fromarray(drawing), bounding_box(drawing > 0.5)
    for _ in range(generator.integers(1, 4)):
        y, x = (generator.uniform(place.start - 10, place.stop + 10) for place in box)
        height, width = generator.uniform(1.5, 6, 2)
        ImageDraw.Draw(image).ellipse((x - width, y - height, x + width, y + height), fill=1)
    return np.asarray(image)


def break_strokes(drawing: Floats, generator: Generator) -> Floats:
    """Leaves a narrow gap where a line crosses a digit."""
    distance = _measure_from_line(drawing > 0.5, generator)
    return np.where(np.abs(distance) < generator.uniform(1, 4), 0, drawing)


def cut_part(drawing: Floats, generator: Generator) -> Floats:
    """Cuts a digit along a line through its ink; nothing is left if too little is cut off."""
    ink = drawing > 0.5
    side = _measure_from_line(ink, generator) > 0
    return np.where(side & (0.2 < ink[side].sum() / ink.sum() < 0.8), drawing, 0)


def _measure_from_line(ink: Mask, generator: Generator) -> npt.NDArray[np.float64]:
    """Returns how far each pixel is from a line through the ink; it is negative on one side."""
    y, x = np.indices(ink.shape)
    row, column = generator.choice(np.argwhere(ink))
    angle = generator.uniform(0, 2 * np.pi)
    return np.asarray(np.cos(angle) * (x - column) + np.sin(angle) * (y - row))


def put_together(left: Floats, right: Floats, generator: Generator) -> Floats:
    """Puts two digits side by side; they touch, or nearly do."""
    first, second = (np.flatnonzero((digit > 0.5).any(axis=0)) for digit in (left, right))
    start = first[-1] + 1 - second[0] + int(generator.integers(-8, 14))
    start, side = min(max(0, start), len(left)), len(left)
    both = np.zeros((2, side + 30, 2 * side), np.float32)
    down = generator.integers(31)
    both[0, 15 : side + 15, :side] = left
    both[1, down : down + side, start : start + side] = right
    return np.asarray(both.max(axis=0))
