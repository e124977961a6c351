"""Composes pictures without a digit: letters, shapes, parts of photographs, empty paper.

They share no font and no shape with those that the refusal is trained on.
"""

import string
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib
import numpy as np
import sklearn
from PIL import Image
from scipy import ndimage

from benchmarks.shapes import SHAPES
from tools.recognize.images import Grey
from tools.recognize.training.drawing import Generator, draw_lines, write_letter

LIKE_DIGITS = "BDGIJLOQSZbgiloqsyz"  # in some font or hand; these are left out
LETTERS = "".join(letter for letter in string.ascii_letters if letter not in LIKE_DIGITS)
FONTS = ("DejaVuSerif", "cmmi10", "cmtt10", "STIXGeneralItalic", "DejaVuSansMono-Bold")
PAPER, INK, NOISE = 235, 40, 4  # levels of grey
SIZE = 400, 300  # pixels: the width and height of a picture
DRAWINGS, CUTS, SHEETS = 4, 20, 20  # of each shape, of each photograph, of empty paper


def write_letters(generator: Generator) -> Iterator[Grey]:
    """Writes each letter of each font anywhere on paper."""
    for font in FONTS:
        for letter in LETTERS:
            height = int(generator.integers(80, 220))
            x, y = generator.integers(-20, 20, 2) + np.array(SIZE) // 2
            paper = write_letter(letter, font, height, SIZE, (x, y), PAPER, INK)
            yield add_noise(paper, generator)


def draw_shapes(generator: Generator) -> Iterator[Grey]:
    """Draws each shape a few times, turned and distorted, with pens of all widths."""
    for lines in SHAPES.values():
        for _ in range(DRAWINGS):
            width, radius = int(generator.integers(4, 16)), generator.uniform(50, 120)
            change = radius * (np.eye(2) + generator.normal(0, 0.12, (2, 2)))
            points = [np.array(line) @ change + np.array(SIZE) / 2 for line in lines]
            yield add_noise(draw_lines(points, width, SIZE, PAPER, INK), generator)


def cut_photographs(generator: Generator) -> Iterator[Grey]:
    """Cuts pictures of all sizes out of photographs of a temple and of a person."""
    temple = Path(sklearn.__file__).parent / "datasets" / "images" / "china.jpg"
    portrait = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    for file in (temple, portrait):
        grey = np.asarray(Image.open(file).convert("L"))
        for _ in range(CUTS):
            side = int(generator.integers(60, min(grey.shape)))
            top, left = (int(generator.integers(whole - side + 1)) for whole in grey.shape)
            yield grey[top : top + side, left : left + side]


def light_paper(generator: Generator) -> Iterator[Grey]:
    """Lights empty paper from one side, with a shadow on it."""
    y, x = (place / max(SIZE) for place in np.indices(SIZE[::-1]))
    for _ in range(SHEETS):
        angle = generator.uniform(0, 2 * np.pi)
        along = np.cos(angle) * x + np.sin(angle) * y
        light = 1 - generator.uniform(0, 0.5) * along.clip(0, 1)
        light *= 1 - 0.4 * (along > generator.uniform(0.2, 0.8))
        paper = Image.fromarray((PAPER * light).clip(0, 255).astype(np.uint8))
        yield add_noise(paper, generator)


def add_noise(paper: Image.Image, generator: Generator) -> Grey:
    """Blurs a picture a little, and adds noise."""
    soft = ndimage.gaussian_filter(np.asarray(paper, np.float32), 1)
    return np.asarray((soft + generator.normal(0, NOISE, soft.shape)).clip(0, 255), np.uint8)


KINDS: dict[str, Callable[[Generator], Iterator[Grey]]] = {
    "letters of fonts": write_letters,
    "drawn shapes": draw_shapes,
    "parts of photographs": cut_photographs,
    "empty paper": light_paper,
}
