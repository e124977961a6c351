"""Draws letters and lines, for pictures without a digit and for the training of the refusal."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from tools.recognize.images import Grey

FONT_FOLDER = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
PAPER, INK, NOISE = 235, 40, 4  # levels of grey

Size = tuple[int, int]  # pixels: width and height
Line = Sequence[tuple[float, float]]  # x to the right, y downwards


def write_letter(
    letter: str, font: str, height: int, size: Size, place: Size, paper: int = 0, ink: int = 1
) -> Image.Image:
    """Writes a letter of so many pixels, its middle at a place."""
    image = Image.new("L", size, paper)
    face = ImageFont.truetype(FONT_FOLDER / f"{font}.ttf", height)
    ImageDraw.Draw(image).text(place, letter, fill=ink, font=face, anchor="mm")
    return image


def draw_lines(
    lines: Iterable[np.ndarray], width: int, size: Size, paper: int = 0, ink: int = 1
) -> Image.Image:
    """Draws lines through points (n, 2) in pixels."""
    image = Image.new("L", size, paper)
    for line in lines:
        points = [tuple(point) for point in line]
        ImageDraw.Draw(image).line(points, fill=ink, width=width, joint="curve")
    return image


def add_noise(paper: Image.Image, generator: np.random.Generator) -> Grey:
    """Blurs a picture a little, and adds noise."""
    soft = ndimage.gaussian_filter(np.asarray(paper, np.float32), 1)
    return np.asarray((soft + generator.normal(0, NOISE, soft.shape)).clip(0, 255), np.uint8)
