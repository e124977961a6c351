"""Measures how well sheets of several digits are read.

    python -m benchmarks.sheets --sheet sheets.png

Validation digits are written in rows on paper of several kinds, and the picture is read as
`python -m tools.recognize` reads it. The file of --sheet shows some of the pictures.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.papers import PAPERS, PLAIN, Digits, Paper, compose
from benchmarks.reading import HEADER, format_row
from stages.formats.prepared import Labels, StoredImages, read_labels, read_split
from stages.harness import paths
from stages.harness.errors import run
from tools.recognize.images import Grey

COUNTS = (1, 2, 4, 8, 16, 32)  # digits of a sheet


def draw_digits(count: int, generator: np.random.Generator) -> Digits:
    """Draws validation digits, with the labels of each."""
    labels: Labels = read_labels(paths.TRAIN_LABELS)
    rows = generator.choice(read_split(paths.SPLIT, len(labels))[0][1], count, replace=False)
    images = np.rint(255 * StoredImages(paths.TRAIN_IMAGES)[rows][..., 0]).astype(np.uint8)
    return list(zip(images, labels[rows].tolist(), strict=True))


def compose_sheets(paper: Paper, count: int) -> list[tuple[Grey, str]]:
    """Composes sheets of validation digits, the same ones for the same paper and count."""
    generator = np.random.default_rng(1)
    size = paper.rows * paper.columns
    return [compose(draw_digits(size, generator), paper, generator) for _ in range(count)]


def list_sheets(count: int) -> Iterator[tuple[str, list[Grey], list[str]]]:
    """Composes sheets on each kind of paper, then with each number of digits."""
    kinds = PAPERS | {
        f"{number} digits, {name}": paper._replace(rows=-(-number // 8), columns=min(number, 8))
        for name, paper in (("clean", PLAIN), ("photo", PAPERS["photo"]))
        for number in COUNTS
    }
    for name, paper in kinds.items():
        pictures, texts = zip(*compose_sheets(paper, count), strict=True)
        yield f"sheet: {name}", list(pictures), list(texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20, help="sheets of a kind (default: 20)")
    parser.add_argument("--sheet", type=Path, help="a PNG file to write")
    arguments = parser.parse_args()
    print(HEADER, flush=True)
    for name, pictures, texts in list_sheets(arguments.count):
        print(format_row(name, pictures, texts, paths.MODEL), flush=True)
    if arguments.sheet:
        show_papers().save(arguments.sheet, "PNG")


def show_papers() -> Image.Image:
    """Shows a sheet of each kind of paper, under its name."""
    width, height, across = 400, 300, 4
    page = Image.new("L", (across * width, -(-len(PAPERS) // across) * height), 128)
    for number, (name, paper) in enumerate(PAPERS.items()):
        picture = Image.fromarray(compose_sheets(paper, 1)[0][0])
        picture.thumbnail((width - 8, height - 28))
        corner = number % across * width + 4, number // across * height
        ImageDraw.Draw(page).text(corner, name, 255)
        page.paste(picture, (corner[0], corner[1] + 20))
    return page


if __name__ == "__main__":
    run(main)
