"""Charts in one look; each function returns a matplotlib Figure, `save` and `svg` write it."""

import io
from pathlib import Path

import matplotlib.style
import numpy as np
import numpy.typing as npt
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from stages.dataset import CLASSES
from stages.outputs import new_file
from stages.scores import Counts, mistakes, most_frequent_mistake
from stages.tables import Table

DPI = 110  # two charts fit side by side, as in `dvc plots diff`
CHART = (5.0, 3.5)  # inches

# Not what the user has set for figures of his own: it would change the bytes.
matplotlib.style.use(["default", Path(__file__).with_suffix(".mplstyle")])


def loss(curve: Table) -> Figure:
    """Draws the cross-entropy after each epoch; `curve` as in `tables.LEARNING_CURVE`."""
    best = curve[curve["validation_loss"].argmin()]
    title = f"Validation loss {curve['validation_loss'][-1]:.4f} nats"
    if best["epoch"] != curve["epoch"][-1]:
        title += f", least after epoch {best['epoch']}"
    figure, axes = _course(curve, "loss", title)
    axes.set(ylabel="cross-entropy (nats)", ylim=(0, None))
    return figure


def accuracy(curve: Table) -> Figure:
    """Draws the share of right digits after each epoch; see `loss`."""
    last = curve[-1]
    title = f"Validation accuracy {last['validation_accuracy']:.2%}"
    figure, axes = _course(curve, "accuracy", f"{title}, training {last['train_accuracy']:.2%}")
    axes.set(ylabel="digits right (%)", ylim=(None, 1))
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    return figure


def _course(curve: Table, measure: str, title: str) -> tuple[Figure, Axes]:
    figure = Figure(CHART)
    axes = figure.add_subplot(title=title, xlabel="epoch")
    lines = len(curve) > 1
    for part, line in (("train", "o-" if lines else "o"), ("validation", "s--" if lines else "s")):
        # A point at 0 or 100% is drawn whole, over the edge.
        label = f"{part.replace('train', 'training')} digits"
        axes.plot(curve["epoch"], curve[f"{part}_{measure}"], line, label=label, clip_on=False)
    axes.set_xlim(0.5, len(curve) + 0.5)  # some classifiers learn in one epoch
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.legend()
    return figure, axes


def reliability(bins: Table) -> Figure:
    """Draws accuracy against confidence; `bins` as in `tables.RELIABILITY`."""
    shares = bins["digits"] / bins["digits"].sum()
    gap = float((shares * (bins["confidence"] - bins["accuracy"])).sum())
    title = (
        f"On average {abs(100 * gap):.1f} points {'more' if gap > 0 else 'less'} sure than right"
    )
    if abs(gap) < 0.0005:
        title = "On average as sure as right"
    figure = Figure(CHART)
    axes = figure.add_subplot(title=title, xlabel="confidence (%)", ylabel="digits right (%)")
    widths = bins["to"] - bins["from"]
    label = "share of all digits (%)"
    axes.bar(bins["from"], shares, widths, align="edge", color="C0", alpha=0.3, label=label)
    faint = rcParams["grid.color"]
    axes.plot((0, 1), (0, 1), ":", color=faint, label="as sure as right")
    ends = (bins["accuracy"] - bins["low"], bins["high"] - bins["accuracy"])
    axes.errorbar(
        bins["confidence"],
        bins["accuracy"],
        np.maximum(ends, 0),
        fmt="o",
        color="C1",
        capsize=2,
        clip_on=False,
        label="right, with interval",
    )
    axes.set(xlim=(0, 1), ylim=(0, 1))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, symbol=""))
    figure.legend(loc="outside lower center", ncols=3, fontsize=9, columnspacing=1)
    return figure


def coverage(shares: Table) -> Figure:
    """Draws the accuracy among the surest; `shares` as in `tables.COVERAGE`."""
    at = shares[np.searchsorted(shares["coverage"], 0.9 - 1e-9)]
    figure = Figure(CHART)
    axes = figure.add_subplot(
        title=f"The surest {at['coverage']:.0%} of the digits are {at['accuracy']:.2%} right",
        xlabel="share of the digits, the surest first (%)",
        ylabel="digits right (%)",
    )
    axes.plot(shares["coverage"], shares["accuracy"], clip_on=False)
    axes.plot(at["coverage"], at["accuracy"], "o", clip_on=False)
    low = min(float(shares["accuracy"].min()), 0.999)
    axes.set(xlim=(0, 1), ylim=(max(low - 0.1 * (1 - low), 0), 1))
    axes.xaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    return figure


def confusion(counts: Counts) -> Figure:
    """Draws the confusion matrix (10, 10): a row a true digit, a column a predicted one."""
    title = f"{mistakes(counts).sum():,} of {counts.sum():,} validation digits wrong"
    if most := most_frequent_mistake(counts):
        actual, predicted, count = most
        title += f";\nmost often {spoken(actual)} taken for {spoken(predicted)} ({count:,})"
    figure = Figure((5.2, 5.4))
    axes = figure.add_subplot(title=title, xlabel="predicted digit", ylabel="true digit")
    colours = np.empty((CLASSES, CLASSES, 4))
    colours[:] = to_rgba("C1")
    colours[..., 3] = shades(counts)
    colours[np.diag_indices(CLASSES)] = to_rgba("C0")
    colours[counts == 0] = 0
    axes.imshow(colours)
    for actual, predicted in zip(*np.nonzero(counts), strict=True):
        colour = "white" if actual == predicted else rcParams["text.color"]
        text = f"{counts[actual, predicted]}"
        axes.text(predicted, actual, text, ha="center", va="center", fontsize=12, color=colour)
    axes.set(xticks=range(CLASSES), yticks=range(CLASSES))
    axes.set_xticks(np.arange(CLASSES + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(CLASSES + 1) - 0.5, minor=True)
    axes.grid(visible=False, which="major")
    axes.grid(which="minor")
    axes.spines[:].set_visible(False)
    axes.tick_params(which="both", length=0, labelsize=12)
    return figure


def shades(counts: Counts) -> npt.NDArray[np.float64]:
    """How dark each mistake is drawn, at most half, so that its number can be read: (10, 10).

    The root tells one mistake from none beside hundreds.
    """
    shares = mistakes(counts) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.asarray(0.5 * np.sqrt(shares / max(shares.max(), 1e-9)))


def spoken(digit: int) -> str:
    """The digit with its article, as in "a 7"."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def save(figure: Figure, path: Path) -> None:
    """Writes a PNG file whose bytes depend on nothing but the figure."""
    with new_file(path) as part:
        figure.savefig(part, format="png", dpi=DPI, metadata={"Software": None})


def svg(figure: Figure) -> str:
    """Gives the figure as SVG without a background; the same text for the same figure."""
    file = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    return file.getvalue()
