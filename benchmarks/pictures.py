"""Measures how well the classifier in data/model reads pictures: one table.

    DIGIT_PICTURES_ZIP=.../pictures.zip python -m benchmarks.pictures

Real pictures, from a zip file with pictures/labels.csv (file, digits, kind, notes); validation
digits, rendered as pictures; and pictures without a digit.
"""

import argparse
import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import no_digit
from benchmarks.rendering import CONDITIONS, render
from stages.classifiers.chunks import predict
from stages.classifiers.saved import list_folds
from stages.formats.prepared import Labels, StoredImages, read_labels, read_split, to_images
from stages.harness import paths
from stages.harness.errors import InputError, run
from tools.recognize.cutting import ALONE, SKIP
from tools.recognize.images import Grey
from tools.recognize.pictures import read_picture
from tools.recognize.reading import Found, read_pictures
from tools.recognize.refusal import non_digit_log_odds

LIMIT = ALONE.even + SKIP  # log odds of no digit: where a digit alone is refused
BATCH = 32  # pictures that are read together
Kind = tuple[str, list[Grey], list[str]]  # its name, its pictures, and what is written in each


def read_real(zip_file: Path) -> pd.DataFrame:
    """Reads the real pictures and their labels; what is no picture is left out."""
    with zipfile.ZipFile(zip_file) as archive, tempfile.TemporaryDirectory() as folder:
        archive.extractall(folder)
        pictures = Path(folder, "pictures")
        table = pd.read_csv(pictures / "labels.csv", dtype=str, keep_default_na=False)
        pixels: list[Grey | None] = []
        for name in table["file"]:
            pixels.append(None)
            with suppress(InputError):
                pixels[-1] = read_picture(pictures / name).pixels
    return table.assign(pixels=pd.Series(pixels)).dropna(subset="pixels").reset_index(drop=True)


def list_real(zip_file: Path) -> Iterator[Kind]:
    """Lists the real pictures of one digit by kind, then those of several, and those of none."""
    table = read_real(zip_file)
    counts = table["digits"].str.len()
    table.loc[counts == 0, "kind"] = "no digit"
    table.loc[counts > 1, "kind"] = "several digits"
    for kind, rows in table.groupby("kind"):
        yield f"real: {kind}", rows["pixels"].tolist(), rows["digits"].tolist()


def read_validation(count: int | None = None) -> tuple[Grey, Labels]:
    """Reads the first validation digits of the first fold, uint8 (n, 28, 28)."""
    labels = read_labels(paths.TRAIN_LABELS)
    rows = read_split(paths.SPLIT, len(labels))[0][1][:count]
    images = np.rint(255 * StoredImages(paths.TRAIN_IMAGES)[rows][..., 0]).astype(np.uint8)
    return images, labels[rows]


def list_rendered(count: int) -> Iterator[Kind]:
    """Renders validation digits, as they are and in every condition."""
    images, labels = read_validation(count)
    texts = [str(label) for label in labels]
    yield "as they are", list(images), texts
    for name, look in CONDITIONS.items():
        generator = np.random.default_rng(1)
        yield name, [render(image, look, generator) for image in images], texts


def list_without_digit() -> Iterator[Kind]:
    for name, compose in no_digit.KINDS.items():
        pictures = list(compose(np.random.default_rng(1)))
        yield f"no digit: {name}", pictures, [""] * len(pictures)


def spell(answer: Found | InputError) -> str:
    """Returns what was read, as "12/3"; of a refused picture ""."""
    if isinstance(answer, InputError):
        return ""
    return "/".join("".join(str(it.probabilities.argmax()) for it in row) for row in answer.rows)


def read_all(pictures: Sequence[Grey], model: Path) -> list[str]:
    answers: list[str] = []
    for start in range(0, len(pictures), BATCH):
        found = read_pictures(pictures[start : start + BATCH], partial(predict, model))
        answers += map(spell, found)
    return answers


def print_row(kind: Kind, model: Path) -> None:
    """Prints how many pictures are read right; where there is no digit, it is right to refuse."""
    name, pictures, texts = kind
    answers = read_all(pictures, model)
    right = sum(map(str.__eq__, answers, texts))
    print(f"| {name} | {len(texts)} | {right} | {answers.count('')} |", flush=True)


def print_refused() -> None:
    odds = non_digit_log_odds(to_images(read_validation()[0]))
    print(f"\nvalidation digits refused: {np.mean(odds > LIMIT):.2%} of {len(odds):,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100, help="how many digits (default: 100)")
    arguments = parser.parse_args()
    fold = list_folds(paths.MODEL)[0]  # it has not seen the digits that are rendered
    print("| pictures | number | right | refused |\n|---|---|---|---|")
    if place := os.environ.get("DIGIT_PICTURES_ZIP"):
        for kind in list_real(Path(place)):
            print_row(kind, paths.MODEL)
    for kind in chain(list_rendered(arguments.rows), list_without_digit()):
        print_row(kind, fold)
    print_refused()


if __name__ == "__main__":
    run(main)
