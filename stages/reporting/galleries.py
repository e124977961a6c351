"""Galleries: pictures of many images, each image with its caption."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from stages.formats.prepared import Images
from stages.reporting.results import Results
from stages.reporting.style import FONT, INK, ORANGE, choose_zoom, shorten, to_colours
from stages.reporting.text import rounded_down

# In pixels on the screen:
CAPTION = 20  # the height of a caption
LETTER = 8  # the width of a letter, at most
WIDTH = 800  # of a row, about
HEAD = 54  # for the title
MARGIN = 9
TITLE_SIZE, SIZE = 17, 12
MOST_CLASSES = 40  # of which samples are shown


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
    path = FONT.with_stem(f"{FONT.stem}{'-Bold' * bold}")
    # The basic layout, because the other one is a library of the system.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def draw(gallery: Gallery) -> Image.Image:
    """Draws a gallery in rows of images; matplotlib would take ten times as long."""
    zoom = choose_zoom(gallery.images.shape[1:])
    shown = to_colours(gallery.images).repeat(zoom, axis=1).repeat(zoom, axis=2)
    high = shown.shape[1] + CAPTION
    wide = max(shown.shape[2] + 24, LETTER * max(map(len, gallery.captions), default=0))
    columns = max(WIDTH // wide, 4)
    size = columns * wide, HEAD + -(-len(shown) // columns) * high
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    plain, bold = load_font(SIZE), load_font(SIZE, bold=True)
    pen.text((MARGIN, MARGIN), gallery.title, INK, load_font(TITLE_SIZE))
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
    names = shorten(results.task.classes[:MOST_CLASSES])
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
    classes = results.task.classes
    names, captions = dict(zip(classes, shorten(classes), strict=True)), []
    for row in rows.to_dict("records"):
        predicted = row["predicted"]
        text = f"{names[predicted]} {rounded_down(row['confidence'])}"
        actual = row.get("actual", predicted)
        captions.append(text if actual == predicted else f"{text} ({names[actual]})")
    return captions
