"""Whether a classifier's confidence, its highest probability, can be trusted; and label issues.

`scored` has a row for each image: its confidence, and whether the prediction is correct.
"""

import math

import numpy as np
import pandas as pd

from stages.formats.prepared import Labels, Probabilities, Rows
from stages.scoring.metrics import wilson_interval

# Of a classifier whose doubts are named. Measured on digits of which 3% had a wrong label: of those
# named at an accuracy of 0.92, 0.89, 0.83 and 0.73, 65, 45, 33 and 16% were wrong.
LEAST_ACCURACY = 0.9


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


def find_label_issues(labels: Labels, probabilities: Probabilities) -> Rows:
    """Finds the images whose label is most likely wrong, by confident learning.

    The probabilities are of classifiers that were not trained on the images. The threshold of a
    class is its mean probability over the images with this label. Of each label's images whose
    most probable class reaches its threshold, some are predicted as another class: their share
    estimates how many of the label's images are labelled wrong.

    Source: C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident Learning: Estimating
    Uncertainty in Dataset Labels", Journal of Artificial Intelligence Research 70, 2021: the
    number is that off the diagonal of the calibrated joint, the rank the normalized margin.

    Returns:
        Places in `labels`, as many as the estimated number: images that are predicted as another
        class, first those whose label has the lowest probability compared with it. None if the
        accuracy is below `LEAST_ACCURACY`.
    """
    predicted, highest = probabilities.argmax(axis=1), probabilities.max(axis=1)
    if (predicted == labels).mean() < LEAST_ACCURACY:
        return np.empty(0, np.int64)
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    images = pd.DataFrame({"label": labels, "own": own, "wrong": predicted != labels})
    by_label = images.groupby("label")
    thresholds = by_label["own"].mean().reindex(range(probabilities.shape[1])).to_numpy()
    confident = images[highest >= thresholds[predicted]]
    shares = confident.groupby("label")["wrong"].mean()
    expected = math.ceil((shares * by_label.size()).sum() - 1e-9)
    ranked = images.assign(margin=own - highest).sort_values("margin", kind="stable")
    return ranked.index[ranked["wrong"]].to_numpy()[:expected]
