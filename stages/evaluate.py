"""Scores the classifier on the validation rows, which neither trained nor chose it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stages.classifiers.saved import predict
from stages.formats import prepared
from stages.formats.prepared import Labels, Probabilities
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import write_json, write_table
from stages.harness.params import Evaluate, read_params
from stages.scoring import calibration, metrics
from stages.scoring.tables import LEARNING_CURVE, Table, read_table


def compute_scores(
    labels: Labels, probabilities: Probabilities, curve: Table, settings: Evaluate
) -> dict[str, float]:
    """Gives the contents of metrics/evaluate.json; the names are those of `tables.SCORES`."""
    error = calibration.expected_calibration_error(labels, probabilities, settings.calibration_bins)
    return metrics.score(labels, probabilities, interval=settings.interval) | {
        "calibration_error": round(error, metrics.DECIMALS),
        "train_accuracy": round(float(curve["train_accuracy"][-1]), metrics.DECIMALS),
    }


def compute_tables(
    rows: prepared.Rows, labels: Labels, probabilities: Probabilities, settings: Evaluate
) -> dict[Path, Mapping[str, Any]]:
    """Gives the columns of each table about the predictions, by the table's path."""
    predictions = metrics.most_probable(probabilities)
    counts = metrics.confusion_matrix(labels, predictions["predicted"])
    return {
        paths.CLASSES_TABLE: metrics.score_classes(counts),
        paths.RELIABILITY: calibration.measure_reliability(
            labels, probabilities, bins=settings.calibration_bins, interval=settings.interval
        ),
        paths.COVERAGE: calibration.measure_coverage(labels, probabilities),
        paths.VALIDATION_PREDICTIONS: {"row": rows, "actual": labels, **predictions},
    }


def main() -> None:
    settings = read_params().evaluate
    all_labels = prepared.read_labels(paths.TRAIN_LABELS)
    _, rows = prepared.read_split(paths.SPLIT, len(all_labels))
    images = prepared.read_images(paths.TRAIN_IMAGES, rows, count=len(all_labels))
    labels, probabilities = all_labels[rows], predict(paths.MODEL, images)
    curve = read_table(paths.MODEL / paths.LEARNING_CURVE.name, LEARNING_CURVE, stage="train")
    scores = compute_scores(labels, probabilities, curve, settings)
    write_json(paths.SCORES, scores)
    write_table(paths.LEARNING_CURVE, {name: curve[name] for name in LEARNING_CURVE})
    for path, columns in compute_tables(rows, labels, probabilities, settings).items():
        write_table(path, columns)
    print(f"accuracy {scores['accuracy']:.4f} on {len(labels):,} validation digits")


if __name__ == "__main__":
    run(main)
