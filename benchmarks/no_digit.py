"""Composes pictures without a digit: letters, shapes, parts of photographs, noise, empty paper.

Each kind has two sets that share no font, no shape and no photograph: what refuses is trained on
letters and shapes of the first, and is reported on the second, which was looked at too.
"""

import string
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib
import numpy as np
import sklearn
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from benchmarks.shapes import SHAPES
from tools.recognize.images import Grey

Generator = np.random.Generator

LIKE_DIGITS = "BDGIJLOQSZbgiloqsyz"  # in some font or hand; these are left out
LETTERS = "".join(letter for letter in string.ascii_letters if letter not in LIKE_DIGITS)
FONT_FOLDER = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FONTS = (
    ("DejaVuSans", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSerif-Italic",
     "STIXGeneral", "STIXGeneralBolIta", "cmr10", "cmss10", "cmti10"),
    ("DejaVuSerif", "cmmi10", "cmtt10", "STIXGeneralItalic", "DejaVuSansMono-Bold"),
)  # fmt: skip
PAPER, INK, NOISE = 235, 40, 4  # levels of grey
SIZE = 400, 300  # pixels: the width and height of a picture


def write_letters(number: int, generator: Generator) -> Iterator[Grey]:
    """Writes each letter of each font of a set, anywhere on paper."""
    for font in FONTS[number]:
        for letter in LETTERS:
            face = ImageFont.truetype(FONT_FOLDER / f"{font}.ttf", int(generator.integers(80, 220)))
            paper = Image.new("L", SIZE, PAPER)
            place = tuple(generator.integers(-20, 20, 2) + np.array(SIZE) // 2)
            ImageDraw.Draw(paper).text(place, letter, fill=INK, font=face, anchor="mm")
            yield soil(paper, generator)


DRAWINGS = 4  # of each shape


def draw_shapes(number: int, generator: Generator) -> Iterator[Grey]:
    """Draws each shape of a set a few times, turned and distorted, with pens of all widths."""
    for lines in SHAPES[number].values():
        for _ in range(DRAWINGS):
            paper = Image.new("L", SIZE, PAPER)
            width, radius = int(generator.integers(4, 16)), generator.uniform(50, 120)
            change = radius * (np.eye(2) + generator.normal(0, 0.12, (2, 2)))
            for line in lines:
                points = np.array(line) @ change + np.array(SIZE) / 2
                drawn = [tuple(point) for point in points]
                ImageDraw.Draw(paper).line(drawn, fill=INK, width=width, joint="curve")
            yield soil(paper, generator)


def soil(paper: Image.Image, generator: Generator) -> Grey:
    """Blurs a picture a little, and adds noise."""
    soft = ndimage.gaussian_filter(np.asarray(paper, np.float32), 1)
    return np.asarray((soft + generator.normal(0, NOISE, soft.shape)).clip(0, 255), np.uint8)


CUTS = 20  # of each photograph


def cut_photographs(number: int, generator: Generator) -> Iterator[Grey]:
    """Cuts pictures of all sizes out of photographs: of a flower; of a temple and a person."""
    samples = Path(sklearn.__file__).parent / "datasets" / "images"
    portrait = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    files = ((samples / "flower.jpg",), (samples / "china.jpg", portrait))[number]
    for file in files:
        grey = np.asarray(Image.open(file).convert("L"))
        for _ in range(CUTS):
            side = int(generator.integers(60, min(grey.shape)))
            top, left = (int(generator.integers(whole - side + 1)) for whole in grey.shape)
            yield grey[top : top + side, left : left + side]


NOISES = 20  # pictures


def make_noise(number: int, generator: Generator) -> Iterator[Grey]:
    """Makes noise of one scale for each picture; the sets differ in their scales."""
    for _ in range(NOISES):
        width, height = SIZE
        scale = generator.uniform(0, 4) if number == 0 else generator.uniform(4, 20)
        field = ndimage.gaussian_filter(generator.standard_normal((height, width)), scale)
        yield np.asarray((128 + 60 * field / field.std()).clip(0, 255), np.uint8)


def light_paper(number: int, generator: Generator) -> Iterator[Grey]:
    """Lights empty paper from one side; in the second set, a shadow lies on it."""
    y, x = (place / max(SIZE) for place in np.indices(SIZE[::-1]))
    for _ in range(NOISES):
        angle = generator.uniform(0, 2 * np.pi)
        along = np.cos(angle) * x + np.sin(angle) * y
        light = 1 - generator.uniform(0, 0.5) * along.clip(0, 1)
        if number == 1:
            light *= 1 - 0.4 * (along > generator.uniform(0.2, 0.8))
        paper = Image.fromarray((PAPER * light).clip(0, 255).astype(np.uint8))
        yield soil(paper, generator)


KINDS: dict[str, Callable[[int, Generator], Iterator[Grey]]] = {
    "letters of fonts": write_letters,
    "drawn shapes": draw_shapes,
    "parts of photographs": cut_photographs,
    "noise": make_noise,
    "empty paper": light_paper,
}


def list_pictures(kind: str, number: int) -> list[Grey]:
    """Composes the pictures of a kind; set 0 is to choose on, set 1 to report on."""
    return list(KINDS[kind](number, np.random.default_rng(number)))
