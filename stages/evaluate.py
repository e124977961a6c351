"""Scores the classifier on the validation rows, which it has not seen, and draws what it does."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from stages import figures
from stages.classifier import CURVE, predict
from stages.dataset import CLASSES, Labels, open_labels, open_split, read_images
from stages.errors import run
from stages.outputs import write_json, write_table
from stages.params import read_params
from stages.scores import Probabilities, by_class, confusion_matrix, read_curve, score

PREPARED, MODEL, METRICS = Path("data/prepared"), Path("data/model"), Path("metrics")
FIGURES = METRICS / "figures"
DIGITS = range(CLASSES)


def interesting(labels: Labels, probabilities: Probabilities, count: int) -> npt.NDArray[np.int64]:
    """Picks images to look at: the most confident mistakes first, then the least sure hits."""
    confidence = probabilities.max(axis=1)
    wrong = probabilities.argmax(axis=1) != labels
    return np.lexsort((np.where(wrong, -confidence, confidence), ~wrong))[:count]


def first_of_each(labels: Labels, count: int = 5) -> npt.NDArray[np.int64]:
    """Picks the first images of every digit: `count` zeros, ones, ..., (10 * `count`,)."""
    firsts = [np.flatnonzero(labels == digit)[:count] for digit in DIGITS]
    return np.concatenate([np.resize(found, count) for found in firsts])


def gallery(
    images: npt.NDArray[np.float32], labels: Labels, probabilities: Probabilities, count: int
) -> Figure:
    """Shows validation images with predicted digit, confidence and, where wrong, true digit."""
    predicted = probabilities.argmax(axis=1)
    wrong = predicted != labels
    rows = interesting(labels, probabilities, count)
    return figures.gallery(
        f"{wrong.sum():,} of {len(labels):,} validation digits wrong, the most confident first: "
        "predicted digit, confidence, (true digit)",
        images[rows],
        [
            f"{predicted[row]} {probabilities[row].max():.0%}"
            + (f" ({labels[row]})" if wrong[row] else "")
            for row in rows
        ],
        [figures.ORANGE if wrong[row] else "black" for row in rows],
    )


Digits = tuple[npt.NDArray[np.float32], Labels]


def read_digits() -> tuple[Digits, Digits]:
    """Reads the images and labels to be scored on, and some of every digit to show."""
    labels = open_labels(PREPARED / "train_labels.npy")
    _, scored = open_split(Path("data/split"), len(labels))
    shown = first_of_each(labels)
    both = np.concatenate([scored, shown])  # read, and its digest taken, once
    images = read_images(PREPARED / "train_images.npy", both, count=len(labels))
    count = len(scored)
    return (images[:count], labels[scored]), (images[count:], labels[shown])


def main() -> None:
    settings = read_params().evaluate.model_dump()
    shown = settings.pop("digits_shown")
    (images, labels), examples = read_digits()
    probabilities = predict(MODEL, images)
    curve = read_curve(MODEL / CURVE)
    scores = score(labels, probabilities, **settings)
    predicted = probabilities.argmax(axis=1)
    counts = confusion_matrix(labels, predicted)
    write_json(METRICS / "evaluate.json", scores | {"train_accuracy": curve["train_accuracy"][-1]})
    write_table(METRICS / CURVE, {name: curve[name] for name in curve.dtype.fields or ()})
    write_table(METRICS / "classes.csv", by_class(counts))
    write_table(METRICS / "predictions.csv", {"actual": labels, "predicted": predicted})
    figures.save(figures.samples(*examples), FIGURES / "samples.png")
    figures.save(figures.learning_curve(curve), FIGURES / "learning_curve.png")
    figures.save(figures.confusion(counts), FIGURES / "confusion.png")
    figures.save(gallery(images, labels, probabilities, shown), FIGURES / "validation_digits.png")
    print(f"accuracy {scores['accuracy']:.4f} on {len(labels):,} validation digits")


if __name__ == "__main__":
    run(main)
