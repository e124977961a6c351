"""Whether a classifier's confidence, its highest probability, can be trusted.

`scored` has a row for each image: its confidence, and whether the prediction is correct.
"""

import numpy as np
import pandas as pd

from stages.scoring.metrics import wilson_interval


def measure_reliability(scored: pd.DataFrame, *, bins: int, interval: float) -> pd.DataFrame:
    """Tabulates confidence and accuracy in `bins` of equal width, for a reliability diagram.

    Source: A. Niculescu-Mizil and R. Caruana, "Predicting Good Probabilities with Supervised
    Learning", ICML 2005.

    Returns:
        A row for each bin that holds images: where it begins (`from`) and ends (`to`), their mean
        confidence, their accuracy and its Wilson interval (`low`, `high`) at confidence level
        `interval`, and their number (`images`).
    """
    grouped = scored.groupby((scored["confidence"] * bins).astype(int).clip(upper=bins - 1))
    hits, images = grouped["correct"].sum(), grouped.size()
    table = pd.DataFrame({"from": images.index / bins, "to": (images.index + 1) / bins}, hits.index)
    table[["confidence", "accuracy"]] = grouped[["confidence", "correct"]].mean()
    table["low"], table["high"] = wilson_interval(hits, images, interval)
    return table.assign(images=images)


def expected_calibration_error(reliability: pd.DataFrame) -> float:
    """Returns the mean distance between confidence and accuracy, in [0, 1], over the bins.

    Source: M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining Well Calibrated
    Probabilities Using Bayesian Binning", AAAI 2015; for the most probable class as in
    C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    distances = (reliability["confidence"] - reliability["accuracy"]).abs()
    return float(np.average(distances, weights=reliability["images"]))


def measure_coverage(scored: pd.DataFrame) -> pd.DataFrame:
    """Tabulates the accuracy on the most confident images, if a person reads the others.

    Source: R. El-Yaniv and Y. Wiener, "On the Foundations of Noise-free Selective
    Classification", Journal of Machine Learning Research 11, 2010.

    Returns:
        A row for each hundredth: the share of the images, the most confident first (`coverage`),
        and the accuracy on them.
    """
    ranked = scored.sort_values("confidence", ascending=False, kind="stable")
    coverage = np.arange(1, 101) / 100
    counts = np.ceil(coverage * len(ranked) - 1e-9).astype(int)
    hits = ranked["correct"].cumsum().to_numpy()[counts - 1]
    return pd.DataFrame({"coverage": coverage, "accuracy": hits / counts})
