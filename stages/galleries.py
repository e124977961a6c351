"""Pictures of digits, each with its caption."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from stages.dataset import CLASSES, SIDE, Images, Labels
from stages.figures import DPI
from stages.scores import Counts, mistakes, rounded_down
from stages.tables import Table

COLUMNS = 10
CELL_HEIGHT, CELL_WIDTH = SIDE + 10, SIDE + 12  # room for a digit and its caption, in its pixels
ZOOM = 2  # pixels on the screen for each pixel of a digit
HEAD = 54  # pixels on the screen, for the title


def gallery(
    title: str,
    key: str,
    images: Images,
    captions: Sequence[str],
    coloured: Sequence[bool] | None = None,
) -> Figure:
    """Shows images in rows of ten, each with its caption above it; `key` says how to read it.

    All are one picture in one pair of axes: a hundred axes would take seconds to draw.
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
        canvas[below : below + SIDE, beside : beside + SIDE] = 1 - image[:, :, 0]  # dark ink
        middle = x + CELL_WIDTH / 2
        text = axes.text(middle, below - 1, caption, ha="center", va="bottom", fontsize=8)
        if coloured and coloured[i]:
            text.set(color="C1", weight="bold")
    axes.imshow(canvas, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    return figure


def samples(images: Images, labels: Labels) -> Figure:
    """Shows as many images of each digit, ordered by digit, a column a digit."""
    by_row = np.arange(len(labels)).reshape(CLASSES, -1).T.ravel()
    captions = [str(label) for label in labels[by_row]]
    return gallery(
        "The classifier learns from digits like these", "Label", images[by_row], captions
    )


def validation(images: Images, shown: Table, *, counts: Counts) -> Figure:
    """Shows what `interesting` picked; `counts` is the confusion matrix of all."""
    wrong, count = mistakes(counts).sum(), counts.sum()
    title = f"{wrong:,} of {count:,} validation digits wrong, the most confident first"
    key = "Predicted digit, confidence, (true digit where another); then the least sure hits"
    if not wrong:
        title, key = f"All {count:,} validation digits right", "Digit, confidence; the least sure"
    bad = shown["actual"] != shown["predicted"]
    captions = [
        said(row) + (f" ({row['actual']})" if wrong_one else "")
        for row, wrong_one in zip(shown, bad, strict=True)
    ]
    return gallery(title, key, images, captions, bad.tolist())


def said(row: np.void) -> str:
    """Digit and confidence."""
    return f"{row['predicted']} {rounded_down(row['confidence'])}"


def test(images: Images, shown: Table, *, mean_confidence: float) -> Figure:
    """Shows test images with predicted digit and confidence."""
    title = f"Test digits, predicted with {mean_confidence:.1%} confidence on average"
    captions = [said(row) for row in shown]
    return gallery(title, "Predicted digit, confidence", images, captions)
