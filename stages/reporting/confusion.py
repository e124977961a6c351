"""The confusion matrix of the validation images, as the chart and the page show it."""

import numpy as np
import numpy.typing as npt

from stages.formats.task import CLASS_COUNT

Counts = npt.NDArray[np.int64]  # (classes, classes), a row for each true class


def count_mistakes(counts: Counts) -> Counts:
    """Returns the counts with a diagonal of zeros."""
    return counts - np.diag(counts.diagonal())


def find_leading_mistake(counts: Counts) -> tuple[int, int, int] | None:
    """Returns true class, predicted class and count of the most frequent mistake; None on a tie."""
    wrong = count_mistakes(counts)
    most = int(wrong.max())
    if most == 0 or (wrong == most).sum() > 1:
        return None
    actual, predicted = divmod(int(wrong.argmax()), CLASS_COUNT)
    return actual, predicted, most


def shade_mistakes(counts: Counts) -> npt.NDArray[np.float64]:
    """Returns the opacity of each mistake's cell, in [0, 0.5], so that text stays legible.

    The square root makes a single mistake visible beside hundreds.
    """
    shares = count_mistakes(counts) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.asarray(0.5 * np.sqrt(shares / max(shares.max(), 1e-9)))
