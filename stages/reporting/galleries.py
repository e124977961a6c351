"""Galleries: pictures of many images, each image with its caption."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from stages.formats.prepared import Images
from stages.reporting.results import Results
from stages.reporting.style import FONT, INK, MOST, ORANGE, choose_zoom, shorten, to_colours
from stages.reporting.text import rounded_down

# In pixels on the screen:
CAPTION = 20  # the height of a caption
LETTER = 8  # the width of a letter, at most
WIDTH = 800  # of a row, about
HEAD = 54  # for the title
MARGIN = 9
TITLE_SIZE, SIZE = 17, 12


@dataclass(frozen=True)
class Gallery:
    """Images in rows, each with its caption above it."""

    title: str
    key: str  # how to read a caption
    images: Images
    captions: Sequence[str]
    marked: Sequence[bool] = ()  # which captions are bold and orange; none by default


def draw(gallery: Gallery) -> Image.Image:
    """Draws a gallery in rows of images; matplotlib would take ten times as long."""
    zoom = int(max(choose_zoom(gallery.images.shape[1:]), 1))
    shown = to_colours(gallery.images).repeat(zoom, axis=1).repeat(zoom, axis=2)
    high = shown.shape[1] + CAPTION
    wide = max(shown.shape[2] + 24, LETTER * max(map(len, gallery.captions), default=0))
    columns = max(WIDTH // wide, 4)
    size = columns * wide, HEAD + -(-len(shown) // columns) * high
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    # The basic layout, because the other one is a library of the system.
    load = partial(ImageFont.truetype, layout_engine=ImageFont.Layout.BASIC)
    plain, bold = load(FONT, SIZE), load(FONT.with_stem(f"{FONT.stem}-Bold"), SIZE)
    pen.text((MARGIN, MARGIN), gallery.title, INK, load(FONT, TITLE_SIZE))
    pen.text((MARGIN, 33), gallery.key, INK, plain)
    for i, (image, caption) in enumerate(zip(shown, gallery.captions, strict=True)):
        bottom, middle = HEAD + (i // columns + 1) * high, i % columns * wide + wide // 2
        top, left = bottom - len(image), middle - image.shape[1] // 2
        picture.paste(Image.fromarray(image), (left, top))
        look = (ORANGE, bold) if gallery.marked and gallery.marked[i] else (INK, plain)
        pen.text((middle, top - 4), caption, *look, anchor="ms")
    return picture


def show_samples(results: Results) -> Gallery:
    """Shows the first five images of each class."""
    names = shorten(results.task.classes[:MOST])
    of_class = (np.flatnonzero(results.labels == label) for label in range(len(names)))
    rows = np.concatenate([np.resize(rows, 5) for rows in of_class])  # repeats them, if fewer
    captions = [names[label] for label in results.labels[rows]]
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
    return Gallery(title, key, images, _describe(rows, results), marked.tolist())


def show_test(results: Results, count: int) -> Gallery:
    """Shows the first `count` test images with predicted class and confidence."""
    title, rows = "There are no test images", results.test[:count]
    if len(rows):
        mean = results.test["confidence"].mean()
        title = f"Test images, predicted with a mean confidence of {mean:.1%}"
    key, images = "Predicted class, confidence", results.test_images[:count]
    return Gallery(title, key, images, _describe(rows, results))


def _describe(rows: pd.DataFrame, results: Results) -> list[str]:
    """Returns predicted class and confidence, as in "7 29%", and the true class if another."""
    names = dict(zip(results.task.classes, shorten(results.task.classes), strict=True))
    captions = rows["predicted"].map(names) + " " + rows["confidence"].map(rounded_down)
    if "actual" in rows:
        actual = captions + " (" + rows["actual"].map(names) + ")"
        captions = captions.mask(rows["actual"] != rows["predicted"], actual)
    return captions.tolist()
