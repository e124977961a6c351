"""Whether a classifier's confidence, its highest probability, can be trusted."""

from typing import Any

import numpy as np
import numpy.typing as npt

from stages.dataset import Labels
from stages.scores import Probabilities, wilson_interval
from stages.tables import COVERAGE, RELIABILITY

Hits = npt.NDArray[np.bool_]
SHARES = np.arange(1, 101) / 100


def expected_calibration_error(labels: Labels, probabilities: Probabilities, bins: int) -> float:
    """Mean distance between confidence and accuracy, over `bins` of equal width.

    Source: M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining Well Calibrated
    Probabilities Using Bayesian Binning", AAAI 2015; for the most probable class as in
    C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    confidence, hits = _confidence(labels, probabilities)
    gaps = np.bincount(_bins(confidence, bins), weights=hits - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def reliability(
    labels: Labels, probabilities: Probabilities, *, bins: int, interval: float
) -> dict[str, Any]:
    """Confidence and accuracy in each bin: the columns of a reliability diagram's table.

    Source: A. Niculescu-Mizil and R. Caruana, "Predicting Good Probabilities with Supervised
    Learning", ICML 2005.

    Returns:
        A row for each bin that holds digits: where it begins and ends, their mean confidence,
        their accuracy and its Wilson interval (low, high) at confidence level `interval`, rounded
        to six decimals; and how many they are.
    """
    confidence, hits = _confidence(labels, probabilities)
    bin_of = _bins(confidence, bins)
    rows = []
    for each in np.unique(bin_of):
        inside = bin_of == each
        right, count = int(hits[inside].sum()), int(inside.sum())
        ends = wilson_interval(right, count, interval)
        edges = (each / bins, (each + 1) / bins)
        shares = (*edges, confidence[inside].mean(), right / count, *ends)
        rows.append((*np.round(shares, 6).tolist(), count))
    return dict(zip(RELIABILITY, zip(*rows, strict=True), strict=True))


def coverage(labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    """Accuracy among the surest digits: what is gained by leaving the rest to a person.

    Source: R. El-Yaniv and Y. Wiener, "On the Foundations of Noise-free Selective
    Classification", Journal of Machine Learning Research 11, 2010.

    Returns:
        A row for each hundredth: the share of the digits, the surest first, and their accuracy.
    """
    confidence, hits = _confidence(labels, probabilities)
    sorted_hits = hits[np.argsort(-confidence, kind="stable")]
    counts = np.ceil(SHARES * len(hits) - 1e-9).astype(int)
    accuracy = np.cumsum(sorted_hits)[counts - 1] / counts
    return dict(zip(COVERAGE, (SHARES, accuracy.round(6)), strict=True))


def _confidence(
    labels: Labels, probabilities: Probabilities
) -> tuple[npt.NDArray[np.float64], Hits]:
    confidence = probabilities.max(axis=1).astype(np.float64)
    return confidence, probabilities.argmax(axis=1) == labels


def _bins(confidence: npt.NDArray[np.float64], bins: int) -> npt.NDArray[np.int64]:
    return np.minimum((confidence * bins).astype(np.int64), bins - 1)
