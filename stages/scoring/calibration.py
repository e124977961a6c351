"""Whether a classifier's confidence, its highest probability, can be trusted."""

from typing import Any

import numpy as np
import numpy.typing as npt

from stages.formats.prepared import Labels, Probabilities
from stages.scoring.metrics import wilson_interval
from stages.scoring.tables import COVERAGE, RELIABILITY

Confidence = npt.NDArray[np.float64]  # (n,), each in [0, 1]
SHARES = np.arange(1, 101) / 100


def expected_calibration_error(labels: Labels, probabilities: Probabilities, bins: int) -> float:
    """Mean distance between confidence and accuracy, in [0, 1], over `bins` of equal width.

    Source: M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining Well Calibrated
    Probabilities Using Bayesian Binning", AAAI 2015; for the most probable class as in
    C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    confidence, correct = _compare(labels, probabilities)
    gaps = np.bincount(_assign_bins(confidence, bins), weights=correct - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def measure_reliability(
    labels: Labels, probabilities: Probabilities, *, bins: int, interval: float
) -> dict[str, Any]:
    """Confidence and accuracy in each bin: the columns of a reliability diagram's table.

    Source: A. Niculescu-Mizil and R. Caruana, "Predicting Good Probabilities with Supervised
    Learning", ICML 2005.

    Returns:
        A row for each bin that holds images: where it begins and ends, their mean confidence,
        their accuracy and its Wilson interval (low, high) at confidence level `interval`, rounded
        to six decimals; and the number of images (`images`).
    """
    confidence, correct = _compare(labels, probabilities)
    assigned = _assign_bins(confidence, bins)
    rows = []
    for i in np.unique(assigned):
        inside = assigned == i
        hits, count = int(correct[inside].sum()), int(inside.sum())
        bounds = wilson_interval(hits, count, interval)
        shares = (i / bins, (i + 1) / bins, confidence[inside].mean(), hits / count, *bounds)
        rows.append((*np.round(shares, 6).tolist(), count))
    return dict(zip(RELIABILITY, zip(*rows, strict=True), strict=True))


def measure_coverage(labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    """Accuracy on the most confident images, if a person reads the others.

    Source: R. El-Yaniv and Y. Wiener, "On the Foundations of Noise-free Selective
    Classification", Journal of Machine Learning Research 11, 2010.

    Returns:
        A row for each hundredth: the share of the images, the most confident first, and the
        accuracy on them, rounded to six decimals.
    """
    confidence, correct = _compare(labels, probabilities)
    ordered = correct[np.argsort(-confidence, kind="stable")]
    counts = np.ceil(SHARES * len(correct) - 1e-9).astype(int)
    accuracy = np.cumsum(ordered)[counts - 1] / counts
    return dict(zip(COVERAGE, (SHARES, accuracy.round(6)), strict=True))


def _compare(
    labels: Labels, probabilities: Probabilities
) -> tuple[Confidence, npt.NDArray[np.bool_]]:
    """Gives each image's confidence, and whether the most probable class is correct."""
    return probabilities.max(axis=1).astype(np.float64), probabilities.argmax(axis=1) == labels


def _assign_bins(confidence: Confidence, bins: int) -> npt.NDArray[np.int64]:
    return np.minimum((confidence * bins).astype(np.int64), bins - 1)
