"""Scores the classifier on the validation rows, which it has not seen, and draws what it does."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from stages import figures
from stages.classifier import Probabilities, load
from stages.dataset import CLASSES, open_labels, open_rows, read_curve, read_images
from stages.errors import run
from stages.outputs import write_json, write_table
from stages.params import read_params

PREPARED, SPLIT, METRICS = Path("data/prepared"), Path("data/split"), Path("metrics")
DIGITS = range(CLASSES)

Labels = npt.NDArray[np.uint8]


def score(
    labels: Labels, probabilities: Probabilities, *, interval: float, calibration_bins: int
) -> dict[str, float]:
    """Sums up probabilities (n, 10) for images whose true labels (n,) are known.

    Returns:
        accuracy, in [0, 1]; accuracy_low and accuracy_high, the bounds of its interval at
        confidence level `interval` (Wilson 1927); log_loss, in nats; and calibration_error
        (see `expected_calibration_error`).
    """
    hits = int((probabilities.argmax(axis=1) == labels).sum())
    # In double precision each row sums to 1 as exactly as scikit-learn asks for.
    exact = probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    bounds = binomtest(hits, len(labels)).proportion_ci(interval, method="wilson")
    scores = {
        "accuracy": hits / len(labels),
        "accuracy_low": float(bounds.low),
        "accuracy_high": float(bounds.high),
        "log_loss": float(log_loss(labels, exact, labels=DIGITS)),
        "calibration_error": expected_calibration_error(labels, probabilities, calibration_bins),
    }
    return {name: round(value, 6) for name, value in scores.items()}


def expected_calibration_error(labels: Labels, probabilities: Probabilities, bins: int) -> float:
    """Mean distance between confidence and accuracy, in [0, 1], over bins of equal width.

    Source: Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using
    Bayesian Binning", 2015; for the most probable class as in Guo et al., "On Calibration of
    Modern Neural Networks", 2017.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    hits = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, weights=hits - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def by_class(labels: Labels, predicted: Labels) -> dict[str, Any]:
    """Precision, recall, F1 and number of rows of each digit; 0 where nothing was predicted."""
    precision, recall, f1, rows = precision_recall_fscore_support(
        labels, predicted, labels=DIGITS, zero_division=0.0
    )
    shares = {"precision": precision, "recall": recall, "f1": f1}
    return {
        "digit": DIGITS,
        **{name: np.round(share, 6) for name, share in shares.items()},
        "rows": rows,
    }


def interesting(labels: Labels, probabilities: Probabilities, count: int) -> npt.NDArray[np.int64]:
    """Picks images to look at: the most confident mistakes first, then the least sure hits."""
    confidence = probabilities.max(axis=1)
    wrong = probabilities.argmax(axis=1) != labels
    return np.lexsort((np.where(wrong, -confidence, confidence), ~wrong))[:count]


def first_of_each(labels: Labels, count: int = 5) -> npt.NDArray[np.int64]:
    """Picks the first images of every digit: `count` zeros, ones, ..., (10 * `count`,)."""
    firsts = [np.flatnonzero(labels == digit)[:count] for digit in DIGITS]
    return np.concatenate([np.resize(found, count) for found in firsts])


def tables(labels: Labels, predicted: Labels) -> dict[str, dict[str, Any]]:
    """What DVC's plots are drawn from, and what a reader may want to look up."""
    counts = confusion_matrix(labels, predicted, labels=DIGITS)
    return {
        "classes": by_class(labels, predicted),
        "confusion": {"actual": DIGITS, **{str(digit): counts[:, digit] for digit in DIGITS}},
        "predictions": {"actual": labels, "predicted": predicted},
    }


def gallery(
    images: npt.NDArray[np.float32], labels: Labels, probabilities: Probabilities, count: int
) -> Figure:
    """Shows validation images with predicted digit, confidence and, where wrong, true digit."""
    predicted = probabilities.argmax(axis=1)
    wrong = predicted != labels
    rows = interesting(labels, probabilities, count)
    return figures.gallery(
        f"{wrong.sum():,} of {len(labels):,} validation digits wrong, shown first: "
        "predicted digit, confidence, (true digit)",
        images[rows],
        [
            f"{predicted[row]} {probabilities[row].max():.0%}"
            + (f" ({labels[row]})" if wrong[row] else "")
            for row in rows
        ],
        [figures.ORANGE if wrong[row] else "black" for row in rows],
    )


def main() -> None:
    params = read_params().evaluate
    all_labels = open_labels(PREPARED / "train_labels.npy")
    rows = open_rows(SPLIT / "validation.npy", len(all_labels))
    images, labels = read_images(PREPARED / "train_images.npy", rows), all_labels[rows]
    firsts = first_of_each(all_labels)
    examples = read_images(PREPARED / "train_images.npy", firsts), all_labels[firsts]
    probabilities = load(Path("data/model")).predict_proba(images)
    predicted = probabilities.argmax(axis=1).astype(np.uint8)
    settings = params.model_dump(exclude={"digits_shown"})
    history = read_curve(METRICS / "learning_curve.csv")
    scores = score(labels, probabilities, **settings)
    scores["train_accuracy"] = float(history["train_accuracy"][-1])
    write_json(METRICS / "evaluate.json", scores)
    for name, table in tables(labels, predicted).items():
        write_table(METRICS / f"{name}.csv", table)
    for name, figure in {
        "samples": figures.samples(*examples),
        "learning_curve": figures.learning_curve(history),
        "confusion": figures.confusion(confusion_matrix(labels, predicted, labels=DIGITS)),
        "validation_digits": gallery(images, labels, probabilities, params.digits_shown),
    }.items():
        figures.save(figure, METRICS / "figures" / f"{name}.png")
    print(f"accuracy {scores['accuracy']:.4f} on {len(labels):,} validation digits")


if __name__ == "__main__":
    run(main)
