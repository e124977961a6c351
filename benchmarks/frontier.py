"""Draws errors against the seconds of training, from what benchmarks.classifiers wrote.

    python -m benchmarks.frontier docs/images/classifiers.csv docs/images/frontier.png

A line joins the classifiers that no other one beats in both. Both axes are logarithmic.
"""

import sys
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from stages.reporting.style import FAINT, in_style


def find_frontier(rows: pd.DataFrame) -> pd.DataFrame:
    """Gives the rows that are more accurate than every one that took less time, the fastest first.

    Args:
        rows: with the columns `name`, `accuracy` and `seconds`.
    """
    ordered = rows.sort_values(["seconds", "accuracy"], ascending=[True, False])
    best_before = ordered["accuracy"].cummax().shift(fill_value=-1)
    return ordered[ordered["accuracy"] > best_before]


@in_style
def draw(rows: pd.DataFrame) -> Figure:
    """Draws each row as a named point, and the frontier as a line."""
    figure = Figure((7.5, 4.5))
    axes = figure.add_subplot(
        title="Errors for their cost: the line joins what nothing beats in both",
        xlabel="training, seconds",
        ylabel="errors of 10,000 digits",
        xscale="log",
        yscale="log",
        xticks=(1, 10, 100, 1000),
        yticks=(20, 50, 100, 200, 500),
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:,.0f}")
        axis.set_minor_formatter("")
    rows = rows.assign(errors=10_000 * (1 - rows["accuracy"]))
    frontier = find_frontier(rows)
    axes.plot(frontier["seconds"], frontier["errors"], drawstyle="steps-post")
    axes.scatter(rows["seconds"], rows["errors"], color=FAINT, zorder=2)
    axes.scatter(frontier["seconds"], frontier["errors"], zorder=3)
    for number, row in enumerate(rows.set_index("name").itertuples()):
        text, at = f"{row.Index}: {row.errors:.0f}", (row.seconds, row.errors)
        place = (7, 5 if number % 2 == 0 else -13)  # neighbours keep out of each other's way
        axes.annotate(text, at, xytext=place, textcoords="offset points", fontsize=9)
    axes.margins(x=0.2, y=0.15)
    return figure


def main() -> None:
    source, target = map(Path, sys.argv[1:])
    draw(pd.read_csv(source)).savefig(target, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
