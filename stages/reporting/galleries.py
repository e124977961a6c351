"""Pictures of many images, each image with its caption."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from stages.formats.prepared import Images, Labels
from stages.formats.task import CLASSES
from stages.reporting.charts import DPI, LONGEST
from stages.reporting.style import HEIGHT, ORANGE, WIDTH, ZOOM, in_style, to_colours
from stages.reporting.text import rounded_down
from stages.scoring.metrics import Counts, count_mistakes
from stages.scoring.tables import Table

# In pixels on the screen:
CELL_HEIGHT = ZOOM * HEIGHT + 20  # of an image and its caption
CELL_WIDTH = max(ZOOM * WIDTH + 24, 8 * (2 * LONGEST + 8))  # a caption: two names, "100%", "()"
COLUMNS = max(800 // CELL_WIDTH, 4)
HEAD = 54  # for the title


@in_style
def draw_gallery(
    title: str, key: str, images: Images, captions: Sequence[str], marked: Sequence[bool] = ()
) -> Figure:
    """Draws images in rows of `COLUMNS`, each with its caption above it.

    All are one picture in one pair of axes: a hundred axes would take seconds to draw.

    Args:
        key: how to read a caption.
        marked: which captions are bold and orange; none by default.
    """
    height, width = -(-len(images) // COLUMNS) * CELL_HEIGHT, COLUMNS * CELL_WIDTH
    figure = Figure((width / DPI, (height + HEAD) / DPI))
    figure.set_layout_engine("none")
    left, top = 9 / width, height + HEAD
    figure.text(left, 1 - 9 / top, title, va="top", fontsize=11)
    figure.text(left, 1 - 33 / top, key, va="top", fontsize=8)
    axes = figure.add_axes((0, 0, 1, height / top))
    axes.axis("off")
    shown = to_colours(images).repeat(ZOOM, axis=1).repeat(ZOOM, axis=2)
    canvas = np.ones((height, width, *shown.shape[3:]), np.float32)
    for i, (image, caption) in enumerate(zip(shown, captions, strict=True)):
        y, x = (i // COLUMNS + 1) * CELL_HEIGHT, i % COLUMNS * CELL_WIDTH + CELL_WIDTH // 2
        above, beside = y - len(image), x - image.shape[1] // 2
        canvas[above:y, beside : beside + image.shape[1]] = image
        text = axes.text(x, above - 2, caption, ha="center", va="bottom", fontsize=8)
        if marked and marked[i]:
            text.set(color=ORANGE, weight="bold")
    axes.imshow(canvas, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    return figure


def draw_samples(images: Images, labels: Labels) -> Figure:
    """Draws images with their true classes."""
    title = "The classifier learns from images like these"
    return draw_gallery(title, "True class", images, [CLASSES[label] for label in labels])


def draw_validation(images: Images, rows: Table, *, counts: Counts) -> Figure:
    """Draws rows of `results.rank_for_display`; `counts` is the confusion matrix of all rows."""
    marked = rows["actual"] != rows["predicted"]
    wrong, count = count_mistakes(counts).sum(), counts.sum()
    title = f"{wrong:,} of {count:,} validation images are wrong; the most confident come first"
    key = "Predicted class, confidence (true class if wrong)"
    if not marked.all():
        key += "; the correct ones that follow are the least confident"
    if not wrong:
        title = f"All {count:,} validation images are correct"
        key = "Predicted class, confidence; the least confident come first"
    captions = [
        describe(row) + (f" ({CLASSES[row['actual']]})" if mistake else "")
        for row, mistake in zip(rows, marked, strict=True)
    ]
    return draw_gallery(title, key, images, captions, marked.tolist())


def draw_test(images: Images, rows: Table, *, mean_confidence: float) -> Figure:
    """Draws test images with predicted class and confidence."""
    title = f"Test images, predicted with a mean confidence of {mean_confidence:.1%}"
    captions = [describe(row) for row in rows]
    return draw_gallery(title, "Predicted class, confidence", images, captions)


def describe(row: np.void) -> str:
    """Gives predicted class and confidence, as in "7 29%"."""
    return f"{CLASSES[row['predicted']]} {rounded_down(row['confidence'])}"
