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
from stages.formats.prepared import Labels, StoredImages, read_labels, read_split
from stages.harness import paths
from stages.harness.errors import run
from tools.recognize.answer import Answer, answer_pictures
from tools.recognize.images import Grey

Score = tuple[int, int, int]  # digits, digits right, sheets right

HEADER = "| sheet | digits right | sheets right |\n|---|---|---|"
COUNTS = (1, 2, 4, 8, 16, 32)  # digits of a sheet


def measure_distance(first: str, second: str) -> int:
    """Counts the characters to insert, delete or replace that make one text of another.

    Source: V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and
    reversals", Soviet Physics Doklady 10, 1966.
    """
    row = list(range(len(second) + 1))
    for number, character in enumerate(first, 1):
        before, row = row, [number]
        for column, other in enumerate(second, 1):
            changed = before[column - 1] + (character != other)
            row.append(min(before[column] + 1, row[-1] + 1, changed))
    return row[-1]


def draw_digits(count: int, generator: np.random.Generator) -> Digits:
    """Draws validation digits, with the labels of each."""
    labels: Labels = read_labels(paths.TRAIN_LABELS)
    rows = generator.choice(read_split(paths.SPLIT, len(labels))[1], count, replace=False)
    images = np.rint(255 * StoredImages(paths.TRAIN_IMAGES)[rows][..., 0]).astype(np.uint8)
    return list(zip(images, labels[rows].tolist(), strict=True))


def compose_sheets(paper: Paper, count: int) -> list[tuple[Grey, str]]:
    """Composes sheets of validation digits, the same ones for the same paper and count."""
    generator = np.random.default_rng(1)
    size = paper.rows * paper.columns
    return [compose(draw_digits(size, generator), paper, generator) for _ in range(count)]


def measure(sheets: list[tuple[Grey, str]]) -> Score:
    """Reads sheets, and counts digits, digits right and sheets right; refused ones are wrong."""
    pictures = [(picture, picture.shape[::-1]) for picture, _ in sheets]
    answers = answer_pictures(pictures, paths.MODEL)
    digits = right = whole = 0
    for answer, (_, text) in zip(answers, sheets, strict=True):
        read = answer.digits if isinstance(answer, Answer) else ""
        digits += len(text)
        right += max(0, len(text) - measure_distance(read, text))
        whole += read == text
    return digits, right, whole


def format_rows(count: int) -> Iterator[str]:
    """Gives a row of a table for each kind of paper, and for each number of digits."""
    kinds = PAPERS | {
        f"{number} digits, {name}": paper._replace(rows=-(-number // 8), columns=min(number, 8))
        for name, paper in (("clean", PLAIN), ("photo", PAPERS["photo"]))
        for number in COUNTS
    }
    for name, paper in kinds.items():
        digits, right, whole = measure(compose_sheets(paper, count))
        yield f"| {name} | {right / digits:.1%} | {whole / count:.0%} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20, help="sheets of a kind (default: 20)")
    parser.add_argument("--sheet", type=Path, help="a PNG file to write")
    arguments = parser.parse_args()
    print(HEADER, flush=True)
    for row in format_rows(arguments.count):
        print(row, flush=True)
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
