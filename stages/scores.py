"""Scores, each by its definition; the tests hold them against scikit-learn's.

They are not called from there because importing it takes as long as all the rest of `evaluate`.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.dataset import CLASSES, Labels

Probabilities = npt.NDArray[np.floating]  # (n, 10), each row sums to 1
Counts = npt.NDArray[np.int64]  # (10, 10), a row for each true digit
Curve = dict[str, list[float]]  # columns of a table

DECIMALS = 4  # DVC shows as many significant digits as it finds, up to five: others in each row
PARTS, MEASURES = ("train", "validation"), ("loss", "accuracy")


def score(labels: Labels, probabilities: Probabilities, *, interval: float) -> dict[str, float]:
    """Sums up what is predicted for images whose true labels are known.

    Returns:
        accuracy, in [0, 1]; accuracy_low and accuracy_high, the bounds of its interval at
        confidence level `interval`; and log_loss, in nats. All are rounded to `DECIMALS`.
    """
    hits = probabilities.argmax(axis=1) == labels
    low, high = wilson_interval(int(hits.sum()), len(hits), interval)
    scores = {
        "accuracy": float(hits.mean()),
        "accuracy_low": low,
        "accuracy_high": high,
        "log_loss": log_loss(labels, probabilities),
    }
    return {name: round(value, DECIMALS) for name, value in scores.items()}


def wilson_interval(hits: int, count: int, level: float) -> tuple[float, float]:
    """The interval of a proportion at confidence `level`.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
    Inference", Journal of the American Statistical Association 22, 1927.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, shrink = hits / count, 1 + z * z / count
    centre = (share + z * z / (2 * count)) / shrink
    half = z / shrink * (share * (1 - share) / count + (z / (2 * count)) ** 2) ** 0.5
    return centre - half, centre + half


def log_loss(labels: Labels, probabilities: Probabilities) -> float:
    """Mean cross-entropy in nats; no probability counts as less than float32 can tell from 0."""
    likelihood = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(likelihood, np.finfo(np.float32).eps)).mean())


def loss_and_accuracy(labels: Labels, probabilities: Probabilities) -> tuple[float, float]:
    """See `log_loss`; the accuracy is the share of labels that are the most probable digit."""
    hits = probabilities.argmax(axis=1) == labels
    return log_loss(labels, probabilities), float(hits.mean())


def learning_curve(epochs: Sequence[tuple[tuple[float, float], tuple[float, float]]]) -> Curve:
    """The columns of a table with a row for each epoch.

    Args:
        epochs: loss and accuracy, of the training part and of the validation part.

    Returns:
        epoch, from 1; train_loss and validation_loss, in nats; train_accuracy and
        validation_accuracy; rounded to six decimals.
    """
    table = np.array(epochs).round(6)  # (epochs, part, score)
    columns = {
        f"{part}_{score}": table[:, i, j].tolist()
        for j, score in enumerate(MEASURES)
        for i, part in enumerate(PARTS)
    }
    return {"epoch": [*range(1, len(epochs) + 1)], **columns}


def most_probable(probabilities: Probabilities) -> dict[str, Any]:
    """The columns of a table: each image's most probable digit; how probable, rounded down."""
    confidence = np.floor(1e4 * probabilities.max(axis=1).astype(np.float64) + 1e-3) / 1e4
    return {
        "predicted": probabilities.argmax(axis=1),
        "confidence": [f"{highest:.4f}" for highest in confidence],
    }


def rounded_down(share: float | np.floating, decimals: int = 0) -> str:
    """Gives a share in percent, as "99.9%": 100% is said of nothing less."""
    # As it is printed, not as bits: 0.29 is 29%, of 32 bits as of 64.
    percent = 100 * Decimal(str(share))
    return f"{percent.quantize(Decimal(1).scaleb(-decimals), ROUND_FLOOR):f}%"


def confusion_matrix(labels: Labels, predicted: npt.NDArray[np.integer]) -> Counts:
    """Counts how often each digit (a row) is taken for each digit (a column)."""
    cells = labels.astype(np.int64) * CLASSES + predicted
    return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def mistakes(counts: Counts) -> Counts:
    """The counts of `confusion_matrix` without its diagonal."""
    return counts - np.diag(counts.diagonal())


def most_frequent_mistake(counts: Counts) -> tuple[int, int, int] | None:
    """The true digit, the predicted one, and how often; nothing if no mistake leads."""
    wrong = mistakes(counts)
    most = int(wrong.max())
    if most == 0 or (wrong == most).sum() > 1:
        return None
    actual, predicted = divmod(int(wrong.argmax()), CLASSES)
    return actual, predicted, most


def by_class(counts: Counts) -> dict[str, Any]:
    """Precision, recall and F1 of each digit, from the counts of `confusion_matrix`.

    Returns:
        The columns of a table with a row for each true digit: the three shares, rounded to
        six decimals and 0 where there is nothing to divide; its number of rows; and how many
        of them were taken for each digit (`as_0` to `as_9`).
    """
    rows, predicted, hits = counts.sum(axis=1), counts.sum(axis=0), counts.diagonal()
    shares = {
        "precision": hits / np.maximum(predicted, 1),
        "recall": hits / np.maximum(rows, 1),
        "f1": 2 * hits / np.maximum(rows + predicted, 1),
    }
    rounded = {name: share.round(6) for name, share in shares.items()}
    taken_as = {f"as_{digit}": counts[:, digit] for digit in range(CLASSES)}
    return {"digit": range(CLASSES), **rounded, "rows": rows, **taken_as}
