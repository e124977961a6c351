"""Labels in doubt: rows that a classifier which never saw them takes for another class."""

from typing import Any

import numpy as np

from stages.formats.prepared import Labels, Probabilities, Rows
from stages.formats.task import CLASS_COUNT
from stages.scoring.metrics import confusion_matrix, count_mistakes, most_probable
from stages.scoring.tables import SUSPECTS


def find_suspects(labels: Labels, probabilities: Probabilities) -> Rows:
    """Finds the rows whose label is most in doubt, by confident learning.

    Each class has a threshold: the mean of its probability over the rows that are labelled so.
    Among the rows whose most probable class reaches its threshold, the share of another class
    than the label estimates how many labels of a class are wrong. So many rows are given.

    Source: C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident Learning: Estimating
    Uncertainty in Dataset Labels", Journal of Artificial Intelligence Research 70, 2021: the
    number is that off the diagonal of the calibrated joint, the rank the normalized margin.

    Args:
        labels: uint8 (n,), each a place in CLASSES.
        probabilities: (n, classes), of classifiers that were not trained on the rows.

    Returns:
        Places in `labels`, int64, of rows that are predicted as another class; first those whose
        label has the lowest probability compared with that class.
    """
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    predicted, highest = probabilities.argmax(axis=1), probabilities.max(axis=1)
    counts = np.bincount(labels, minlength=CLASS_COUNT)
    sums = np.bincount(labels, weights=own, minlength=CLASS_COUNT)
    thresholds = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    sure = highest >= thresholds[predicted]
    joint = confusion_matrix(labels[sure], predicted[sure])
    shares = count_mistakes(joint).sum(axis=1) / np.maximum(joint.sum(axis=1), 1)
    expected = int(np.ceil((shares * counts).sum() - 1e-9))
    wrong = np.flatnonzero(predicted != labels)
    return wrong[np.argsort((own - highest)[wrong], kind="stable")][:expected]


def tabulate_suspects(rows: Rows, labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    """Gives the columns of `tables.SUSPECTS`, in the order of `find_suspects`.

    Args:
        rows: of train.csv; labels and probabilities are theirs.
    """
    places = find_suspects(labels, probabilities)
    columns = rows[places], labels[places], *most_probable(probabilities[places]).values()
    return dict(zip(SUSPECTS, columns, strict=True))
