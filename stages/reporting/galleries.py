"""Galleries: pictures of many images, each image with its caption."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from stages.formats.prepared import Images
from stages.formats.task import CLASS_COUNT, CLASSES
from stages.reporting.charts import LONGEST
from stages.reporting.results import Results
from stages.reporting.style import HEIGHT, INK, ORANGE, WIDTH, ZOOM, to_colours
from stages.reporting.text import rounded_down

# In pixels on the screen:
CELL_HEIGHT = ZOOM * HEIGHT + 20  # of an image and its caption
CELL_WIDTH = max(ZOOM * WIDTH + 24, 8 * (2 * LONGEST + 8))  # a caption: two names, "100%", "()"
COLUMNS = max(800 // CELL_WIDTH, 4)
HEAD = 54  # for the title
MARGIN = 9
TITLE_SIZE, SIZE = 17, 12


@dataclass(frozen=True)
class Gallery:
    """Images in rows, each with its caption above it.

    Args:
        key: how to read a caption.
        marked: which captions are bold and orange; none by default.
    """

    title: str
    key: str
    images: Images
    captions: Sequence[str]
    marked: Sequence[bool] = ()


def load_font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Loads the font of the charts, which has the letters of many languages."""
    name = f"fonts/ttf/DejaVuSans{'-Bold' * bold}.ttf"
    # The basic layout, because the other one is a library of the system.
    path = Path(matplotlib.get_data_path(), name)
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def draw(gallery: Gallery) -> Image.Image:
    """Draws a gallery in rows of `COLUMNS` images; matplotlib would take ten times as long."""
    shown = to_colours(gallery.images).repeat(ZOOM, axis=1).repeat(ZOOM, axis=2)
    size = COLUMNS * CELL_WIDTH, HEAD + -(-len(shown) // COLUMNS) * CELL_HEIGHT
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    plain, bold = load_font(SIZE), load_font(SIZE, bold=True)
    pen.text((MARGIN, MARGIN), gallery.title, INK, load_font(TITLE_SIZE))
    pen.text((MARGIN, 33), gallery.key, INK, plain)
    for i, (image, caption) in enumerate(zip(shown, gallery.captions, strict=True)):
        bottom, middle = HEAD + (i // COLUMNS + 1) * CELL_HEIGHT, i % COLUMNS * CELL_WIDTH
        middle += CELL_WIDTH // 2
        top, left = bottom - len(image), middle - image.shape[1] // 2
        picture.paste(Image.fromarray(image), (left, top))
        look = (ORANGE, bold) if gallery.marked and gallery.marked[i] else (INK, plain)
        pen.text((middle, top - 4), caption, *look, anchor="ms")
    return picture


def show_samples(results: Results) -> Gallery:
    """Shows the first five images of each class."""
    of_class = (np.flatnonzero(results.labels == label) for label in range(CLASS_COUNT))
    rows = np.concatenate([np.resize(rows, 5) for rows in of_class])  # repeats them, if fewer
    captions = [CLASSES[label] for label in results.labels[rows]]
    title = "The classifier learns from images like these"
    return Gallery(title, "True class", results.train_images[rows], captions)


def show_validation(results: Results, count: int) -> Gallery:
    """Shows `count` validation images: the mistakes, then the least confident correct ones."""
    correct = results.validation.query("actual == predicted")
    rows = pd.concat([results.mistakes, correct.sort_values("confidence", kind="stable")])[:count]
    marked = rows["actual"] != rows["predicted"]
    wrong, total = len(results.mistakes), len(results.validation)
    title = f"{wrong:,} of {total:,} validation images are wrong; the most confident come first"
    key = "Predicted class, confidence (true class if wrong)"
    if not marked.all():
        key += "; the correct ones that follow are the least confident"
    images = results.train_images[rows["row"].to_numpy()]
    captions = [_describe(row) for row in rows.to_dict("records")]
    return Gallery(title, key, images, captions, marked.tolist())


def show_test(results: Results, count: int) -> Gallery:
    """Shows the first `count` test images with predicted class and confidence."""
    mean = results.test["confidence"].mean()
    title = f"Test images, predicted with a mean confidence of {mean:.1%}"
    captions = [_describe(row) for row in results.test[:count].to_dict("records")]
    return Gallery(title, "Predicted class, confidence", results.test_images[:count], captions)


def _describe(row: dict[Any, Any]) -> str:
    """Returns predicted class and confidence, as in "7 29%", and the true class if another."""
    text = f"{CLASSES[row['predicted']]} {rounded_down(row['confidence'])}"
    wrong = row.get("actual", row["predicted"]) != row["predicted"]
    return f"{text} ({CLASSES[row['actual']]})" if wrong else text
