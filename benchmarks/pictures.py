"""Measures how well the classifier in data/model reads pictures: a table, and a curve.

    DIGIT_PICTURES_ZIP=.../pictures.zip python -m benchmarks.pictures

Real pictures, from a zip file with pictures/labels.csv (file, digits, kind, notes); validation
digits, rendered as pictures; and pictures without a digit. docs/images/refusal.svg shows how many
validation digits and how many drawings without a digit are refused, whatever the threshold is.
"""

import argparse
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from benchmarks import no_digit
from benchmarks.copies import ROOT
from benchmarks.rendering import CONDITIONS, render
from stages.classifiers.chunks import predict
from stages.classifiers.saved import list_folds
from stages.formats.prepared import Labels, StoredImages, read_labels, read_split, to_images
from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.reporting.charts import to_svg
from stages.reporting.style import in_style
from tools.recognize.candidates import list_readings
from tools.recognize.cutting import ALONE, SKIP
from tools.recognize.images import Grey
from tools.recognize.pictures import read_picture
from tools.recognize.reading import Found, read_pictures
from tools.recognize.refusal import non_digit_log_odds

FIGURE = ROOT / "docs/images/refusal.svg"
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


def measure_odds(pictures: Iterable[Grey]) -> list[float]:
    """Returns the log odds that pictures show no digit, by the first way to read each."""
    odds = []
    for picture in pictures:
        clusters = next(list_readings(picture), None)
        images = [
            it.image for one in clusters or () for c in one.clusters for it in c.segments.values()
        ]
        odds.append(non_digit_log_odds(to_images(np.stack(images))).min() if images else np.inf)
    return odds


@in_style
def draw_curve() -> None:
    """Draws both sides of the refusal's threshold, and marks the one that is used."""
    digits = non_digit_log_odds(to_images(read_validation()[0]))
    thresholds = np.linspace(-2, 12, 141)
    figure = Figure()
    axes = figure.add_subplot(xscale="log", xlim=(0.02, 3), ylim=(50, 100))
    axes.set(xlabel="validation digits refused (%)", ylabel="drawings without a digit refused (%)")
    for name, line in zip(no_digit.KINDS, ("o-", "s--", "^:", "d-."), strict=True):
        odds = measure_odds(no_digit.KINDS[name](np.random.default_rng(1)))
        refused = [
            [100 * np.mean(np.array(of) > limit) for limit in thresholds] for of in (digits, odds)
        ]
        axes.plot(*refused, line, label=name, markevery=[int(np.argmin(abs(thresholds - LIMIT)))])
    axes.legend()
    FIGURE.write_text(to_svg(figure), encoding="utf-8")
    share = np.mean(digits > LIMIT)
    print(f"\nvalidation digits refused: {share:.2%} of {len(digits):,}")


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
    draw_curve()


if __name__ == "__main__":
    run(main)
