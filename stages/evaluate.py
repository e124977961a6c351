"""Scores the classifier on the validation rows, which neither trained nor chose it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from stages.classifiers.chunks import predict
from stages.classifiers.exemplars import Neighbours
from stages.classifiers.saved import load
from stages.formats import prepared
from stages.formats.arrays import open_array
from stages.formats.prepared import Labels, Probabilities, Rows, StoredImages
from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.outputs import write_json, write_table
from stages.harness.params import Evaluate, read_params
from stages.scoring import calibration, metrics
from stages.scoring.tables import LEARNING_CURVE, NEIGHBOURS, Table, read_table

VOTERS = 8  # of each mistake, in metrics/neighbours.csv


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
    rows: Rows, labels: Labels, probabilities: Probabilities, settings: Evaluate
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


def find_neighbours(images: StoredImages, rows: Rows, train_rows: Rows) -> dict[str, Any]:
    """Gives the training rows that voted on each of `rows`, the nearest first; only with `knn`.

    Args:
        images: those of `rows`.
    """
    if not len(rows) or not isinstance(classifier := load(paths.MODEL), Neighbours):
        return dict.fromkeys(NEIGHBOURS, ())
    if paths.SAMPLE.exists():
        drawn = np.asarray(open_array(paths.SAMPLE, "int64", (), stage="train"))
        if not np.isin(drawn, train_rows).all():
            raise InputError(f"{paths.SAMPLE}: holds rows that are not for training; train again")
        train_rows = drawn
    kept, trained = len(classifier.vectors), len(train_rows)
    if kept != trained:
        fault = f"keeps {kept} images; expected the {trained} training rows"
        raise InputError(f"{paths.MODEL}: {fault}; train again")
    nearest = classifier.find_nearest(classifier.encode(images[:]))[1][:, :VOTERS]
    return {"row": rows.repeat(nearest.shape[1]), "neighbour": train_rows[nearest].ravel()}


def main() -> None:
    settings = read_params().evaluate
    all_labels = prepared.read_labels(paths.TRAIN_LABELS)
    train_rows, rows = prepared.read_split(paths.SPLIT, len(all_labels))
    images = StoredImages(paths.TRAIN_IMAGES, count=len(all_labels)).select(rows)
    labels, probabilities = all_labels[rows], predict(paths.MODEL, images)
    curve = read_table(paths.MODEL / paths.LEARNING_CURVE.name, LEARNING_CURVE, stage="train")
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    neighbours = find_neighbours(images.select(wrong), rows[wrong], train_rows)
    scores = compute_scores(labels, probabilities, curve, settings)
    write_json(paths.SCORES, scores)
    write_table(paths.LEARNING_CURVE, {name: curve[name] for name in LEARNING_CURVE})
    for path, columns in compute_tables(rows, labels, probabilities, settings).items():
        write_table(path, columns)
    write_table(paths.NEIGHBOURS, neighbours)
    print(f"accuracy {scores['accuracy']:.4f} on {len(labels):,} validation images")


if __name__ == "__main__":
    run(main)
