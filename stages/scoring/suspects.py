"""Labels in doubt: rows whose classifier, which never saw them, is sure of another class."""

from typing import Any

import numpy as np

from stages.formats.prepared import Labels, Probabilities, Rows
from stages.formats.task import CLASS_COUNT
from stages.scoring.metrics import most_probable
from stages.scoring.tables import SUSPECTS


def find_suspects(labels: Labels, probabilities: Probabilities) -> Rows:
    """Finds the rows whose label is in doubt, by confident learning.

    A class has a threshold: the mean of its probability over the rows that are labelled so. A
    label is in doubt if another class is the most probable one, and reaches its own threshold.

    Source: C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident Learning: Estimating
    Uncertainty in Dataset Labels", Journal of Artificial Intelligence Research 70, 2021: the
    counts off the diagonal of the confident joint, ranked by normalized margin.

    Args:
        labels: uint8 (n,), each a place in CLASSES.
        probabilities: (n, classes), of classifiers that were not trained on the rows.

    Returns:
        Places in `labels`, int64; first those whose label has the lowest probability compared
        with the most probable class.
    """
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    counts = np.bincount(labels, minlength=CLASS_COUNT)
    sums = np.bincount(labels, weights=own, minlength=CLASS_COUNT)
    thresholds = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    predicted, highest = probabilities.argmax(axis=1), probabilities.max(axis=1)
    suspects = np.flatnonzero((predicted != labels) & (highest >= thresholds[predicted]))
    return suspects[np.argsort((own - highest)[suspects], kind="stable")]


def tabulate_suspects(rows: Rows, labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    """Gives the columns of `tables.SUSPECTS`, in the order of `find_suspects`.

    Args:
        rows: of train.csv; labels and probabilities are theirs.
    """
    places = find_suspects(labels, probabilities)
    columns = rows[places], labels[places], *most_probable(probabilities[places]).values()
    return dict(zip(SUSPECTS, columns, strict=True))
