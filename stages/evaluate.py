"""Scores the classifier on the validation rows, which it has not seen, and draws what it does."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from stages import figures
from stages.classifier import load
from stages.dataset import CLASSES, open_labels, open_rows, read_curve, read_images
from stages.errors import run
from stages.outputs import write_json, write_table
from stages.params import read_params
from stages.scores import Labels, Probabilities, by_class, confusion_matrix, score

PREPARED, SPLIT, METRICS = Path("data/prepared"), Path("data/split"), Path("metrics")
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


def tables(labels: Labels, predicted: Labels) -> dict[str, dict[str, Any]]:
    """What DVC's plots are drawn from, and what a reader may want to look up."""
    counts = confusion_matrix(labels, predicted)
    return {
        "classes": by_class(counts),
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
        "confusion": figures.confusion(confusion_matrix(labels, predicted)),
        "validation_digits": gallery(images, labels, probabilities, params.digits_shown),
    }.items():
        figures.save(figure, METRICS / "figures" / f"{name}.png")
    print(f"accuracy {scores['accuracy']:.4f} on {len(labels):,} validation digits")


if __name__ == "__main__":
    run(main)
