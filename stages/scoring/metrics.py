"""Scores, each computed from its definition; the tests compare them with scikit-learn's.

Importing scikit-learn's metrics takes a second, longer than all the rest of `evaluate`.
"""

from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.formats.prepared import Labels, Probabilities
from stages.harness.outputs import check_sum

Curve = pd.DataFrame  # see `learning_curve`
MEASURES = ["train_loss", "validation_loss", "train_accuracy", "validation_accuracy"]


def wilson_interval(hits: Any, count: Any, level: float) -> tuple[Any, Any]:
    """Returns low and high, in [0, 1], of a proportion's interval at confidence `level`.

    `hits` and `count` are numbers, or arrays of numbers.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
    Inference", Journal of the American Statistical Association 22, 1927.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, shrink = hits / count, 1 + z * z / count
    centre = (share + z * z / (2 * count)) / shrink
    half = z / shrink * (share * (1 - share) / count + (z / (2 * count)) ** 2) ** 0.5
    return centre - half, centre + half


def log_loss(labels: Labels, probabilities: Probabilities) -> float:
    """Returns the mean cross-entropy in nats; probabilities are at least float32's epsilon."""
    likelihood = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    loss = float(-np.log(np.maximum(likelihood, np.finfo(np.float32).eps)).mean())
    return max(0.0, loss)  # not -0.0


def loss_and_accuracy(labels: Labels, probabilities: Probabilities) -> tuple[float, float]:
    """Returns the `log_loss`, and the share of images whose most probable class is correct."""
    correct = probabilities.argmax(axis=1) == labels
    return log_loss(labels, probabilities), float(correct.mean())


def learning_curve(*trainings: npt.ArrayLike) -> Curve:
    """Tabulates the scores of a training, or the mean of several, after each epoch.

    Args:
        trainings: the scores of each, (epochs, 4), in the order of `MEASURES`. One that stopped
            early keeps its last scores.

    Returns:
        `epoch`, from 1, and `MEASURES`, rounded to six decimals; the losses are in nats.
    """
    scores = [np.asarray(training) for training in trainings]
    longest = max(map(len, scores))
    padded = [np.pad(each, ((0, longest - len(each)), (0, 0)), "edge") for each in scores]
    curve = pd.DataFrame(np.mean(padded, axis=0), columns=MEASURES).round(6)
    curve.insert(0, "epoch", range(1, len(curve) + 1))
    return curve


def most_probable(probabilities: Probabilities, classes: tuple[str, ...]) -> pd.DataFrame:
    """Tabulates each image's most probable class (predicted) and its probability (confidence).

    The confidence is text of four decimals, rounded down: nothing below 0.9999 becomes 1.0000.
    """
    highest = np.floor(1e4 * probabilities.max(axis=1).astype(np.float64) + 1e-3) / 1e4
    text = [f"{confidence:.4f}" for confidence in highest]
    predicted = np.array(classes, object)[probabilities.argmax(axis=1)]
    return pd.DataFrame({"predicted": predicted, "confidence": text})


def list_images(files: Path, count: int) -> pd.DataFrame:
    """Tabulates images: their row from 0 and, of pictures, their `file` in the table `files`."""
    images = pd.DataFrame({"row": range(count)})
    if files.exists():
        check_sum(files)
        images["file"] = pd.read_csv(files, dtype=str, na_filter=False)["file"]
    return images


def score_classes(predictions: pd.DataFrame, classes: tuple[str, ...]) -> pd.DataFrame:
    """Tabulates precision, recall and F1 of each class.

    The columns `actual` and `predicted` hold names of classes; `classes` has all names, in the
    order of the rows.

    Returns:
        A row for each true class (`class`): the three scores, 0 if their denominator is 0; its
        number of rows; and how many of these are predicted as each class (`as_0`, `as_1`, ...).
    """
    counts = pd.crosstab(predictions["actual"], predictions["predicted"])
    counts = counts.reindex(index=classes, columns=classes, fill_value=0)
    rows, columns, hits = counts.sum(axis=1), counts.sum(axis=0), np.diag(counts)
    table = pd.DataFrame({"precision": hits / columns.clip(lower=1)})
    table["recall"] = hits / rows.clip(lower=1)
    table["f1"] = 2 * hits / (rows + columns).clip(lower=1)
    table = table.assign(rows=rows).join(counts.add_prefix("as_"))
    return table.rename_axis(index="class", columns=None).reset_index()
