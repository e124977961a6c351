"""Charts in one style: each `draw_` function returns a Figure, and `to_svg` its file."""

import io
import textwrap
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axis import Axis
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from stages.formats.task import DIGITS, Task
from stages.reporting.results import Counts
from stages.reporting.style import BLUE, FAINT, INK, MOST, ORANGE, in_style, shorten

CELL = 0.45  # inches of the confusion matrix
FEWEST = 8  # classes: with fewer, the title would not fit


@in_style
def draw_loss(curve: pd.DataFrame) -> Figure:
    """Draws the cross-entropy after each epoch; `curve` is metrics/learning_curve.csv."""
    losses = curve["validation_loss"]
    title = f"Validation loss {losses.iloc[-1]:.4f} nats"
    if losses.argmin() < len(losses) - 1:
        title += f", lowest after epoch {curve['epoch'].iloc[losses.argmin()]}"
    return _draw_course(curve, "loss", title=title, ylabel="cross-entropy (nats)", ylim=(0, None))


@in_style
def draw_accuracy(curve: pd.DataFrame) -> Figure:
    """Draws the accuracy after each epoch; see `draw_loss`."""
    validation, train = curve[["validation_accuracy", "train_accuracy"]].iloc[-1]
    title = f"Validation accuracy {validation:.2%}, training {train:.2%}"
    figure = _draw_course(curve, "accuracy", title=title, ylabel="accuracy (%)", ylim=(None, 1))
    _label_in_percent(figure.axes[0].yaxis)
    return figure


def _draw_course(curve: pd.DataFrame, measure: str, **labels: Any) -> Figure:
    figure = Figure()
    axes = figure.add_subplot(xlabel="epoch")
    lines = len(curve) > 1
    for part, line in (("train", "o-" if lines else "o"), ("validation", "s--" if lines else "s")):
        # Not clipped: a point at 0 or 100% is drawn whole, over the edge.
        label = f"{part.replace('train', 'training')} images"
        axes.plot(curve["epoch"], curve[f"{part}_{measure}"], line, label=label, clip_on=False)
    axes.set(xlim=(0.5, len(curve) + 0.5), **labels)  # some classifiers learn in one epoch
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.legend()
    return figure


@in_style
def draw_reliability(bins: pd.DataFrame) -> Figure:
    """Draws accuracy against confidence; `bins` is metrics/reliability.csv."""
    shares = bins["images"] / bins["images"].sum()
    gap = (shares * (bins["confidence"] - bins["accuracy"])).sum()
    title = "On average as confident as accurate"
    if abs(gap) >= 0.0005:
        comparison = "more" if gap > 0 else "less"
        title = f"On average {abs(100 * gap):.1f} points {comparison} confident than accurate"
    figure = Figure()
    axes = figure.add_subplot(title=title, xlabel="confidence (%)", ylabel="accuracy (%)")
    label = "share of images (%)"
    widths = bins["to"] - bins["from"]
    axes.bar(bins["from"], shares, widths, align="edge", color=BLUE, alpha=0.3, label=label)
    axes.plot((0, 1), (0, 1), ":", color=FAINT, label="ideal")
    lengths = np.maximum((bins["accuracy"] - bins["low"], bins["high"] - bins["accuracy"]), 0)
    points = bins["confidence"], bins["accuracy"], lengths
    axes.errorbar(*points, fmt="o", color=ORANGE, clip_on=False, label="accuracy (interval)")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    _label_in_percent(axes.xaxis, axes.yaxis)
    figure.subplots_adjust(bottom=0.23)
    figure.legend(loc="lower center", ncols=3, fontsize=9, columnspacing=1)
    return figure


@in_style
def draw_coverage(shares: pd.DataFrame) -> Figure:
    """Draws the accuracy on the most confident images; `shares` is metrics/coverage.csv."""
    at = shares[shares["coverage"] >= 0.9].iloc[0]
    figure = Figure()
    title = f"Accuracy {at['accuracy']:.2%} on the most confident {at['coverage']:.0%}"
    label = "share of the images, the most confident first (%)"
    axes = figure.add_subplot(title=title, xlabel=label, ylabel="accuracy (%)")
    figure.subplots_adjust(left=0.19)  # room for 100.000
    axes.plot(shares["coverage"], shares["accuracy"], clip_on=False)
    axes.plot(at["coverage"], at["accuracy"], "o", clip_on=False)
    low = min(shares["accuracy"].min(), 0.999)
    axes.set(xlim=(0, 1), ylim=(max(low - 0.1 * (1 - low), 0), 1))
    _label_in_percent(axes.xaxis, axes.yaxis)
    return figure


def _label_in_percent(*axes: Axis) -> None:
    for axis in axes:
        axis.set_major_formatter(PercentFormatter(1, symbol=""))


@in_style
def draw_confusion(counts: Counts, task: Task) -> Figure:
    """Draws the confusion matrix: a row for each true class, a column for each predicted one."""
    names = shorten(task.classes) if len(task.classes) <= MOST else [""] * len(task.classes)
    longest, matrix = max(map(len, names)), CELL * min(max(len(names), FEWEST), MOST)
    title = f"{counts.sum() - counts.trace():,} of {counts.sum():,} validation images are wrong"
    if leading := describe_leading_mistake(counts, task):
        title += ";\n" + textwrap.fill(f"most often {leading}", 40)
    left, bottom = 0.55 + 0.1 * longest, 0.55 + 0.1 * longest * (longest > 3)
    width, height = left + matrix + 0.1, bottom + matrix + 0.75
    figure = Figure((width, height))
    place = (left / width, bottom / height, matrix / width, matrix / height)
    axes = figure.add_axes(place, title=title, xlabel="predicted class", ylabel="true class")
    colours = np.full((*counts.shape, 4), to_rgba(ORANGE))
    colours[..., 3] = shade_mistakes(counts)
    colours[np.diag_indices(len(names))] = to_rgba(BLUE)
    colours[counts == 0] = 0
    axes.imshow(colours)
    for actual, predicted in zip(*np.nonzero(counts * (len(names) <= MOST)), strict=True):
        colour = "white" if actual == predicted else INK
        text = str(counts[actual, predicted])
        axes.text(predicted, actual, text, ha="center", va="center", fontsize=12, color=colour)
    for axis, rotation in ((axes.xaxis, 90 * (longest > 3)), (axes.yaxis, 0)):
        axis.set_ticks(range(len(names)), names, rotation=rotation)
        axis.set_ticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axes.grid(visible=False, which="major")
    axes.grid(which="minor")
    axes.spines[:].set_visible(False)
    axes.tick_params(which="both", length=0, labelsize=12)
    return figure


def describe_leading_mistake(counts: Counts, task: Task) -> str:
    """Returns the most frequent mistake, as in "a 4 is taken for a 9 (3)"; "" on a tie."""
    wrong = counts - np.diag(counts.diagonal())
    places = np.argwhere(wrong == wrong.max())
    if len(places) > 1:
        return ""
    names = [task.classes[label] for label in places[0]]
    if task.classes == DIGITS.classes:  # of other names, nobody knows the article
        names = [f"{'an' if name == '8' else 'a'} {name}" for name in names]
    actual, predicted = names
    return f"{actual} is taken for {predicted} ({wrong.max():,})"


def shade_mistakes(counts: Counts) -> npt.NDArray[np.float64]:
    """Returns the opacity of each mistake's cell, in [0, 0.5], so that text stays legible.

    The square root makes a single mistake visible beside hundreds.
    """
    wrong = counts - np.diag(counts.diagonal())
    shares = wrong / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.asarray(0.5 * np.sqrt(shares / max(shares.max(), 1e-9)))


@in_style
def to_svg(figure: Figure) -> str:
    """Returns the figure as an SVG file without a background; the same text for the same figure."""
    file = io.StringIO()
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(file, format="svg", transparent=True, metadata=metadata)
    return file.getvalue()
