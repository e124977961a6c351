"""Scores, each by its definition; the tests compare them with scikit-learn's.

Importing scikit-learn's would take longer than all the rest of `evaluate`.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.formats.prepared import Labels, Probabilities
from stages.formats.task import CLASS_COUNT

Counts = npt.NDArray[np.int64]  # (classes, classes), a row for each true class
Curve = dict[str, list[float]]  # columns of a table
Part = tuple[float, float]  # loss and accuracy of the training or the validation part
Scores = tuple[Part, Part]  # of both, after an epoch

DECIMALS = 4  # `dvc metrics diff` shows up to five significant digits; four decimals align the rows


def score(labels: Labels, probabilities: Probabilities, *, interval: float) -> dict[str, float]:
    """Scores predictions for images whose true labels are known.

    Returns:
        accuracy, in [0, 1]; accuracy_low and accuracy_high, the bounds of its interval at
        confidence level `interval`; log_loss, in nats; all rounded to `DECIMALS`.
    """
    loss, accuracy = loss_and_accuracy(labels, probabilities)
    low, high = wilson_interval(round(accuracy * len(labels)), len(labels), interval)
    scores = {"accuracy": accuracy, "accuracy_low": low, "accuracy_high": high, "log_loss": loss}
    return {name: round(value, DECIMALS) for name, value in scores.items()}


def wilson_interval(hits: int, count: int, level: float) -> tuple[float, float]:
    """The interval of a proportion at confidence level `level`: low and high, in [0, 1].

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
    Inference", Journal of the American Statistical Association 22, 1927.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, shrink = hits / count, 1 + z * z / count
    centre = (share + z * z / (2 * count)) / shrink
    half = z / shrink * (share * (1 - share) / count + (z / (2 * count)) ** 2) ** 0.5
    return centre - half, centre + half


def log_loss(labels: Labels, probabilities: Probabilities) -> float:
    """Mean cross-entropy in nats; probabilities below float32's epsilon count as epsilon."""
    likelihood = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    loss = float(-np.log(np.maximum(likelihood, np.finfo(np.float32).eps)).mean())
    return max(0.0, loss)  # not -0.0


def loss_and_accuracy(labels: Labels, probabilities: Probabilities) -> tuple[float, float]:
    """The `log_loss`, and the share of images whose most probable class is correct."""
    correct = probabilities.argmax(axis=1) == labels
    return log_loss(labels, probabilities), float(correct.mean())


def learning_curve(epochs: Sequence[Scores] | npt.NDArray[np.float64]) -> Curve:
    """The columns of a table with a row for each epoch.

    Args:
        epochs: the scores after each epoch; as an array (epochs, part, measure).

    Returns:
        epoch, from 1; train_loss and validation_loss, in nats; train_accuracy and
        validation_accuracy; rounded to six decimals.
    """
    table = np.array(epochs).round(6)
    columns = {
        f"{part}_{measure}": table[:, i, j].tolist()
        for j, measure in enumerate(("loss", "accuracy"))
        for i, part in enumerate(("train", "validation"))
    }
    return {"epoch": [*range(1, len(epochs) + 1)], **columns}


def most_probable(probabilities: Probabilities) -> dict[str, Any]:
    """The columns of a table: each image's most probable class, and its probability as text.

    The text has four decimals and is rounded down: nothing below 1 becomes 1.0000.
    """
    confidence = np.floor(1e4 * probabilities.max(axis=1).astype(np.float64) + 1e-3) / 1e4
    return {
        "predicted": probabilities.argmax(axis=1),
        "confidence": (f"{highest:.4f}" for highest in confidence),
    }


def confusion_matrix(labels: Labels, predicted: npt.NDArray[np.integer]) -> Counts:
    """Counts how often each class (a row) is taken for each class (a column)."""
    cells = labels.astype(np.int64) * CLASS_COUNT + predicted
    return np.bincount(cells, minlength=CLASS_COUNT**2).reshape(CLASS_COUNT, CLASS_COUNT)


def count_mistakes(counts: Counts) -> Counts:
    """Gives the counts of `confusion_matrix` with a diagonal of zeros."""
    return counts - np.diag(counts.diagonal())


def find_leading_mistake(counts: Counts) -> tuple[int, int, int] | None:
    """Gives true class, predicted class and count of the most frequent mistake; None on a tie."""
    wrong = count_mistakes(counts)
    most = int(wrong.max())
    if most == 0 or (wrong == most).sum() > 1:
        return None
    actual, predicted = divmod(int(wrong.argmax()), CLASS_COUNT)
    return actual, predicted, most


def score_classes(counts: Counts) -> dict[str, Any]:
    """Precision, recall and F1 of each class, from the counts of `confusion_matrix`.

    Returns:
        The columns of a table with a row for each true class (`class`): the three scores,
        rounded to six decimals and 0 if their denominator is 0; its number of rows; and how many
        of these rows are predicted as each class (`as_0`, `as_1`, ...).
    """
    rows, predicted, hits = counts.sum(axis=1), counts.sum(axis=0), counts.diagonal()
    return {
        "class": range(CLASS_COUNT),
        "precision": (hits / np.maximum(predicted, 1)).round(6),
        "recall": (hits / np.maximum(rows, 1)).round(6),
        "f1": (2 * hits / np.maximum(rows + predicted, 1)).round(6),
        "rows": rows,
        **{f"as_{label}": counts[:, label] for label in range(CLASS_COUNT)},
    }
