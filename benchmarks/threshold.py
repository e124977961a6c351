"""Draws both sides of the refusal's threshold: digits refused, and other drawings refused.

    python -m benchmarks.threshold docs/images/threshold.svg

The threshold is that of a digit alone. The digits are those of validation; the others are composed
(`no_digit`), and read as
`python -m tools.recognize` reads them.
"""

import sys
from pathlib import Path
from unittest import mock

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks import no_digit
from benchmarks.pictures import read_all, read_validation
from stages.classifiers.saved import list_folds
from stages.formats.prepared import to_images
from stages.harness import paths
from stages.harness.errors import run
from tools.recognize import reading
from tools.recognize.cutting import ALONE, SKIP
from tools.recognize.refusal import non_digit_log_odds

EVEN = (-1.5, 0.5, 1.5, 2.5, 3.5, 4.5, 6.5)  # log odds at which both are equally likely
KINDS = ("letters of fonts", "drawn shapes")


def main() -> None:
    mpl.rcParams["svg.hashsalt"] = "threshold"  # the same names, and so the same bytes
    odds = non_digit_log_odds(to_images(read_validation()[0]))
    others = [it for kind in KINDS for it in no_digit.KINDS[kind](np.random.default_rng(1))]
    fold, points = list_folds(paths.MODEL)[0], []
    for even in EVEN:
        with mock.patch.object(reading, "ALONE", ALONE._replace(even=even)):
            refused = read_all(others, fold).count("")
        share = float(np.mean(odds > even + SKIP))
        points.append((100 * share, 100 * refused / len(others)))
        print(f"{even:5.1f}: digits refused {points[-1][0]:.2f}%, others {points[-1][1]:.0f}%")
    figure = Figure(figsize=(6, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.plot(*np.transpose(points), marker="o")
    axes.axvline(float(100 * np.mean(odds > ALONE.even + SKIP)), color="C3")  # as it is
    axes.set(xscale="log", xlabel="validation digits refused (%)")
    axes.set_ylabel("letters and shapes refused (%)")
    figure.savefig(Path(sys.argv[1]), metadata={"Date": None})


if __name__ == "__main__":
    run(main)
