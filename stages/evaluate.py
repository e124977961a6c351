"""Scores the classifier on the validation rows, which it has not seen."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stages.calibration import coverage, expected_calibration_error, reliability
from stages.classifier import CURVE, predict
from stages.dataset import Labels, Rows, open_labels, open_split, read_images
from stages.errors import run
from stages.outputs import write_json, write_table
from stages.params import Evaluate, read_params
from stages.scores import DECIMALS, Probabilities, by_class, confusion_matrix, most_probable, score
from stages.tables import LEARNING_CURVE, Table, read_table

PREPARED, MODEL, METRICS = Path("data/prepared"), Path("data/model"), Path("metrics")


def scores(
    labels: Labels, probabilities: Probabilities, curve: Table, settings: Evaluate
) -> dict[str, float]:
    """All of `metrics/evaluate.json`; see `score` and `expected_calibration_error`."""
    error = expected_calibration_error(labels, probabilities, settings.calibration_bins)
    return score(labels, probabilities, interval=settings.interval) | {
        "calibration_error": round(error, DECIMALS),
        "train_accuracy": round(float(curve["train_accuracy"][-1]), DECIMALS),
    }


def tables(
    rows: Rows, labels: Labels, probabilities: Probabilities, settings: Evaluate
) -> dict[str, Mapping[str, Any]]:
    """The tables of what is predicted for the validation rows, by their file's name."""
    bins, interval = settings.calibration_bins, settings.interval
    predicted = most_probable(probabilities)
    return {
        "classes.csv": by_class(confusion_matrix(labels, predicted["predicted"])),
        "reliability.csv": reliability(labels, probabilities, bins=bins, interval=interval),
        "coverage.csv": coverage(labels, probabilities),
        "validation_predictions.csv": {"row": rows, "actual": labels, **predicted},
    }


def main() -> None:
    settings = read_params().evaluate
    every_label = open_labels(PREPARED / "train_labels.npy")
    _, rows = open_split(Path("data/split"), len(every_label))
    images = read_images(PREPARED / "train_images.npy", rows, count=len(every_label))
    labels, probabilities = every_label[rows], predict(MODEL, images)
    curve = read_table(MODEL / CURVE, LEARNING_CURVE, stage="train")
    found = scores(labels, probabilities, curve, settings)
    write_json(METRICS / "evaluate.json", found)
    write_table(METRICS / CURVE, {name: curve[name] for name in LEARNING_CURVE})
    for name, columns in tables(rows, labels, probabilities, settings).items():
        write_table(METRICS / name, columns)
    print(f"accuracy {found['accuracy']:.4f} on {len(labels):,} validation digits")


if __name__ == "__main__":
    run(main)
