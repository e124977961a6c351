"""Pictures: each function returns a matplotlib Figure; `save` writes it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from stages.dataset import CLASSES, SIDE
from stages.outputs import new_file

Images = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]

# From Okabe and Ito's palette, made to be told apart by colour-blind people (2008).
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#555555"
COLUMNS = 10
CELL_HEIGHT, CELL_WIDTH = SIDE + 13, SIDE + 10  # room for a digit and its caption, in its pixels
ZOOM = 2  # pixels on the screen for each pixel of a digit
TITLE_HEIGHT = 40  # pixels on the screen
DPI = 100


def gallery(
    title: str, images: Images, captions: Sequence[str], colours: Sequence[str] | None = None
) -> Figure:
    """Shows images (n, 28, 28, 1) in rows of ten, each with its caption above it.

    All are one picture in one pair of axes: a hundred axes would take seconds to draw.
    """
    rows = -(-len(images) // COLUMNS)
    canvas = np.ones((rows * CELL_HEIGHT, COLUMNS * CELL_WIDTH), np.float32)
    height, width = (ZOOM * size for size in canvas.shape)
    figure = Figure((width / DPI, (height + TITLE_HEIGHT) / DPI))
    figure.suptitle(title, x=0.02, ha="left", fontsize=10)
    axes = figure.add_axes((0, 0, 1, height / (height + TITLE_HEIGHT)))
    axes.axis("off")
    for i, (image, caption) in enumerate(zip(images, captions, strict=True)):
        top, left = i // COLUMNS * CELL_HEIGHT, i % COLUMNS * CELL_WIDTH
        y, x = top + CELL_HEIGHT - SIDE, left + (CELL_WIDTH - SIDE) // 2
        canvas[y : y + SIDE, x : x + SIDE] = 1 - image[:, :, 0]  # dark ink on a light page
        axes.text(
            left + CELL_WIDTH / 2,
            y - 2,
            caption,
            ha="center",
            va="bottom",
            fontsize=9,
            color=colours[i] if colours else "black",
        )
    axes.imshow(canvas, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    return figure


def samples(images: Images, labels: Integers) -> Figure:
    """Shows as many images of each digit, ordered by digit, a column a digit."""
    by_row = np.arange(len(labels)).reshape(CLASSES, -1).T.ravel()
    captions = [str(label) for label in labels[by_row]]
    return gallery("Labelled digits", images[by_row], captions)


def learning_curve(history: npt.NDArray[Any]) -> Figure:
    """Draws loss and accuracy of both parts; `history` (structured) has a row for each epoch."""
    figure = Figure((9, 3.6), layout="constrained")
    loss, accuracy = figure.subplots(1, 2)
    for part, colour, style in (("train", BLUE, "o-"), ("validation", ORANGE, "s--")):
        # A point at 0 or 100% is drawn whole, over the edge.
        looks = {"color": colour, "label": part, "clip_on": False}
        loss.plot(history["epoch"], history[f"{part}_loss"], style, **looks)
        accuracy.plot(history["epoch"], history[f"{part}_accuracy"], style, **looks)
    last = history[-1]
    figure.suptitle(
        f"After epoch {last['epoch']:.0f}: {last['validation_accuracy']:.2%} of the validation "
        f"digits right, {last['train_accuracy']:.2%} of the training digits"
    )
    loss.set(xlabel="epoch", ylabel="cross-entropy (nats)", ylim=(0, None))
    accuracy.set(xlabel="epoch", ylabel="accuracy", ylim=(None, 1))
    accuracy.yaxis.set_major_formatter(PercentFormatter(1))
    for axes in (loss, accuracy):
        axes.set_xlim(0.5, len(history) + 0.5)  # some classifiers learn in one epoch
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    loss.legend(frameon=False)
    return figure


def confusion(counts: Integers) -> Figure:
    """Draws the confusion matrix (10, 10): a row a true digit, a column a predicted one."""
    figure = Figure((6.4, 6.2), layout="constrained")
    axes = figure.add_subplot()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    # The square root makes a mistake in a thousand visible beside the diagonal.
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    for actual, predicted in np.ndindex(counts.shape):
        axes.text(
            predicted,
            actual,
            str(counts[actual, predicted]),
            ha="center",
            va="center",
            fontsize=10,
            color="white" if shares[actual, predicted] > 0.36 else GREY,
        )
    wrong = counts - np.diag(counts.diagonal())
    title = f"{wrong.sum():,} of {counts.sum():,} validation digits wrong"
    if wrong.any():
        actual, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
        title += f"; most often a {actual} taken for a {predicted} ({wrong.max():,})"
    axes.set_title(title, fontsize=11)
    axes.set(xlabel="predicted digit", ylabel="true digit")
    axes.set(xticks=range(CLASSES), yticks=range(CLASSES))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Writes a PNG file whose bytes depend on nothing but the figure."""
    with new_file(path) as part:
        figure.savefig(part, format="png", dpi=DPI, metadata={"Software": None})
