"""Pictures of digits, each with its caption."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from stages.formats.prepared import Images, Labels
from stages.formats.task import CLASS_COUNT, SIDE
from stages.reporting.charts import DPI
from stages.reporting.style import ORANGE, in_style
from stages.reporting.text import rounded_down
from stages.scoring.metrics import Counts, count_mistakes
from stages.scoring.tables import Table

COLUMNS = CLASS_COUNT  # so that `draw_samples` has a column for each class
CELL_HEIGHT, CELL_WIDTH = SIDE + 10, SIDE + 12  # a digit and its caption, in pixels of a digit
ZOOM = 2  # pixels on the screen for each pixel of a digit
HEAD = 54  # pixels on the screen, for the title


@in_style
def draw_gallery(
    title: str, key: str, images: Images, captions: Sequence[str], marked: Sequence[bool] = ()
) -> Figure:
    """Draws images in rows of ten, each with its caption above it.

    All are one picture in one pair of axes: a hundred axes would take seconds to draw.

    Args:
        key: how to read a caption.
        marked: which captions are bold and orange; none by default.
    """
    rows = -(-len(images) // COLUMNS)
    canvas = np.ones((rows * CELL_HEIGHT, COLUMNS * CELL_WIDTH), np.float32)
    height, width = (ZOOM * size for size in canvas.shape)
    figure = Figure((width / DPI, (height + HEAD) / DPI))
    figure.set_layout_engine("none")
    left, top = 9 / width, height + HEAD
    figure.text(left, 1 - 9 / top, title, va="top", fontsize=11)
    figure.text(left, 1 - 33 / top, key, va="top", fontsize=8)
    axes = figure.add_axes((0, 0, 1, height / top))
    axes.axis("off")
    for i, (image, caption) in enumerate(zip(images, captions, strict=True)):
        y, x = i // COLUMNS * CELL_HEIGHT, i % COLUMNS * CELL_WIDTH
        below, beside = y + CELL_HEIGHT - SIDE, x + (CELL_WIDTH - SIDE) // 2
        canvas[below : below + SIDE, beside : beside + SIDE] = 1 - image[:, :, 0]
        middle = x + CELL_WIDTH / 2
        text = axes.text(middle, below - 1, caption, ha="center", va="bottom", fontsize=8)
        if marked and marked[i]:
            text.set(color=ORANGE, weight="bold")
    axes.imshow(canvas, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    return figure


def draw_samples(images: Images, labels: Labels) -> Figure:
    """Draws equally many images of each digit, ordered by digit: a column for each digit."""
    by_row = np.arange(len(labels)).reshape(CLASS_COUNT, -1).T.ravel()
    captions = [str(label) for label in labels[by_row]]
    title = "The classifier learns from digits like these"
    return draw_gallery(title, "True digit", images[by_row], captions)


def draw_validation(images: Images, rows: Table, *, counts: Counts) -> Figure:
    """Draws rows of `results.rank_for_display`; `counts` is the confusion matrix of all rows."""
    marked = rows["actual"] != rows["predicted"]
    wrong, count = count_mistakes(counts).sum(), counts.sum()
    title = f"{wrong:,} of {count:,} validation digits are wrong; the most confident come first"
    key = "Predicted digit, confidence (true digit if wrong)"
    if not marked.all():
        key += "; the correct ones that follow are the least confident"
    if not wrong:
        title = f"All {count:,} validation digits are correct"
        key = "Predicted digit, confidence; the least confident come first"
    captions = [
        describe(row) + (f" ({row['actual']})" if mistake else "")
        for row, mistake in zip(rows, marked, strict=True)
    ]
    return draw_gallery(title, key, images, captions, marked.tolist())


def draw_test(images: Images, rows: Table, *, mean_confidence: float) -> Figure:
    """Draws test images with predicted digit and confidence."""
    title = f"Test digits, predicted with a mean confidence of {mean_confidence:.1%}"
    captions = [describe(row) for row in rows]
    return draw_gallery(title, "Predicted digit, confidence", images, captions)


def describe(row: np.void) -> str:
    """Gives predicted digit and confidence, as in "7 29%"."""
    return f"{row['predicted']} {rounded_down(row['confidence'])}"
