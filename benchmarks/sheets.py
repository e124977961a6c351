"""Composes sheets of several digits: validation digits in rows, on paper of several kinds."""

from collections.abc import Iterator

import numpy as np

from benchmarks.papers import PAPERS, PLAIN, Digits, Paper, compose
from stages.formats.prepared import Labels, StoredImages, read_labels, read_split
from stages.harness import paths
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
