"""Measures how well the classifier in data/model reads pictures: one table.

    DIGIT_PICTURES_ZIP=.../pictures.zip python -m benchmarks.pictures --sheet sheet.png

Real pictures, from a zip file with pictures/labels.csv (file, digits, kind); validation digits,
rendered as pictures; pictures without a digit; and sheets of several digits. The file of --sheet
shows some of all but the real ones, a digit beside the 28x28 image that the classifier sees.
"""

import argparse
import csv
import io
import os
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from benchmarks import no_digit
from benchmarks.reading import HEADER, Answer, format_row, read, spell
from benchmarks.rendering import CONDITIONS, render
from benchmarks.sheets import list_sheets
from stages.classifiers.saved import list_folds
from stages.formats.prepared import StoredImages, read_labels, read_split
from stages.harness import paths
from stages.harness.errors import InputError, run
from tools.recognize.images import Grey
from tools.recognize.pictures import read_picture

SHOWN, TILE, TITLE = 6, 100, 200  # pictures of a kind; pixels of a picture, and of the name


def list_real(zip_file: Path) -> Iterator[tuple[str, list[Grey], list[str]]]:
    """Lists the real pictures of one digit by kind, then those of several, and those of none."""
    kinds: dict[str, list[tuple[Grey, str]]] = defaultdict(list)
    with zipfile.ZipFile(zip_file) as archive, tempfile.TemporaryDirectory() as folder:
        table = io.StringIO(archive.read("pictures/labels.csv").decode())
        for row in csv.DictReader(table):
            count = len(row["digits"])
            kind = row["kind"] if count == 1 else "several digits" if count else "no digit"
            path = Path(archive.extract(f"pictures/{row['file']}", folder))
            kinds[f"real: {kind}"].append((read_picture(path), row["digits"]))
    for name, items in sorted(kinds.items()):
        pictures, texts = zip(*items, strict=True)
        yield name, list(pictures), list(texts)


def lay_side_by_side(name: str, images: list[Grey]) -> Grey:
    """Draws a condition's name and some images in one row."""
    row = Image.new("L", (TITLE + TILE * 2 * SHOWN, TILE), 128)
    ImageDraw.Draw(row).text((4, TILE // 2), name, fill=255)
    for number, image in enumerate(images[: 2 * SHOWN]):
        tile = ImageOps.pad(Image.fromarray(image), (TILE - 2, TILE - 2), color=128)
        row.paste(tile, (TITLE + TILE * number, 1))
    return np.asarray(row)


def list_composed(count: int) -> Iterator[tuple[str, list[Grey], list[str]]]:
    """Renders the first validation digits in every condition, then composes what is no digit."""
    labels = read_labels(paths.TRAIN_LABELS)
    rows = read_split(paths.SPLIT, len(labels))[0][1][:count]
    images = np.rint(255 * StoredImages(paths.TRAIN_IMAGES)[rows][..., 0]).astype(np.uint8)
    texts = [str(label) for label in labels[rows]]
    yield "as they are", list(images), texts
    for name, look in CONDITIONS.items():
        generator = np.random.default_rng(1)
        yield name, [render(image, look, generator) for image in images], texts
    for kind in no_digit.KINDS:
        pictures = no_digit.list_pictures(kind, 1)
        yield f"no digit: {kind}", pictures, [""] * len(pictures)


def show_both(picture: Grey, answer: Answer) -> list[Grey]:
    """Gives a picture, and what the classifier saw if it is one digit."""
    if isinstance(answer, InputError) or len(spell(answer)) > 1:
        return [picture]
    return [picture, answer[0][0].image]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100, help="how many digits (default: 100)")
    parser.add_argument("--sheets", type=int, default=5, help="of a kind (default: 5)")
    parser.add_argument("--sheet", type=Path, help="a PNG file to write")
    arguments = parser.parse_args()
    print(HEADER, flush=True)
    if place := os.environ.get("DIGIT_PICTURES_ZIP"):
        for name, pictures, texts in list_real(Path(place)):
            print(format_row(name, read(pictures, paths.MODEL), texts), flush=True)
    strips, first_fold = [], list_folds(paths.MODEL)[0]  # it never saw the rows of these digits
    for name, pictures, texts in chain(
        list_composed(arguments.rows), list_sheets(arguments.sheets)
    ):
        answers = read(pictures, first_fold)
        print(format_row(name, answers, texts), flush=True)
        shown = map(show_both, pictures[: 2 * SHOWN], answers)
        strips.append(lay_side_by_side(name, list(chain.from_iterable(shown))))
    if arguments.sheet:
        Image.fromarray(np.concatenate(strips)).save(arguments.sheet, "PNG")


if __name__ == "__main__":
    run(main)
