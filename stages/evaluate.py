"""Scores the classifier on the validation rows, which were used neither to train nor to choose it.

With several folds these are all labelled rows, each scored by the classifier of its fold.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.classifiers.chunks import predict
from stages.classifiers.exemplars import Neighbours
from stages.classifiers.saved import list_folds, load
from stages.formats import prepared
from stages.formats.arrays import open_array
from stages.formats.prepared import Fold, ImageRows, Labels, Probabilities, Rows, StoredImages
from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.outputs import write_json, write_table
from stages.harness.params import Evaluate, read_params
from stages.scoring import calibration, metrics
from stages.scoring.label_issues import find_label_issues
from stages.scoring.tables import read_table

VOTERS = 8  # of each mistake, in metrics/neighbours.csv


def compute_tables(
    rows: Rows, labels: Labels, probabilities: Probabilities, settings: Evaluate
) -> dict[Path, pd.DataFrame]:
    """Returns the tables about the predictions by their paths; see `tables.COLUMNS`."""
    predictions = pd.DataFrame({"row": rows, "actual": labels})
    predictions = predictions.join(metrics.most_probable(probabilities))
    issues = predictions.iloc[find_label_issues(labels, probabilities)]
    scored = pd.DataFrame({"confidence": probabilities.max(axis=1).astype(float)})
    scored["correct"] = predictions["predicted"] == labels
    bins, interval = settings.calibration_bins, settings.interval
    return {
        paths.CLASSES_TABLE: metrics.score_classes(labels, predictions["predicted"]),
        paths.RELIABILITY: calibration.measure_reliability(scored, bins=bins, interval=interval),
        paths.COVERAGE: calibration.measure_coverage(scored),
        paths.VALIDATION_PREDICTIONS: predictions,
        paths.LABEL_ISSUES: issues.rename(columns={"actual": "label"}),
    }


def compute_scores(
    labels: Labels, probabilities: Probabilities, tables: dict[Path, pd.DataFrame], interval: float
) -> dict[str, float]:
    """Returns the contents of metrics/evaluate.json; log_loss is in nats, the others in [0, 1]."""
    loss, accuracy = metrics.loss_and_accuracy(labels, probabilities)
    low, high = metrics.wilson_interval(round(accuracy * len(labels)), len(labels), interval)
    scores = {"accuracy": accuracy, "accuracy_low": low, "accuracy_high": high, "log_loss": loss}
    scores["calibration_error"] = calibration.expected_calibration_error(tables[paths.RELIABILITY])
    scores["train_accuracy"] = tables[paths.LEARNING_CURVE]["train_accuracy"].iloc[-1]
    return {name: round(value, metrics.DECIMALS) for name, value in scores.items()}


def find_neighbours(folder: Path, images: ImageRows, train_rows: Rows) -> Rows:
    """Returns the training rows that voted on each of `images`: (n, voters), the nearest first.

    There are none if the classifier in `folder` is not of neighbours.
    """
    classifier = load(folder)
    if not len(images) or not isinstance(classifier, Neighbours):
        return np.empty((len(images), 0), np.int64)
    sampled = folder / paths.SAMPLE.name
    if sampled.exists():
        train_rows = np.asarray(open_array(sampled))
    nearest = classifier.find_nearest(classifier.encode(images[:]))[1]
    return train_rows[nearest[:, :VOTERS]]


def predict_held_out(
    images: StoredImages, labels: Labels, folds: list[Fold]
) -> tuple[Rows, Probabilities, pd.DataFrame]:
    """Predicts each validation row with the classifier that was not trained on it.

    Returns:
        The validation rows, in rising order; their probabilities; and, for those that are wrong,
        the table of their neighbours.

    Raises:
        InputError: there are more or fewer classifiers than folds: then some rows were trained on.
    """
    folders = list_folds(paths.MODEL)
    if len(folders) != len(folds):
        fault = f"trained on another split, of {len(folders)}, not {len(folds)} folds"
        raise InputError(f"{paths.MODEL}: {fault}; train again")
    found, near = [], []
    for folder, (train_rows, rows) in zip(folders, folds, strict=True):
        probabilities = predict(folder, images.select(rows))
        found.append((rows, probabilities))
        wrong = rows[probabilities.argmax(axis=1) != labels[rows]]
        neighbours = find_neighbours(folder, images.select(wrong), train_rows)
        pairs = {"row": wrong.repeat(neighbours.shape[1]), "neighbour": neighbours.ravel()}
        near.append(pd.DataFrame(pairs))
    rows, probabilities = map(np.concatenate, zip(*found, strict=True))
    order = np.argsort(rows)
    return rows[order], probabilities[order], pd.concat(near).sort_values("row", kind="stable")


def main() -> None:
    settings = read_params().evaluate
    all_labels = prepared.read_labels(paths.TRAIN_LABELS)
    folds = prepared.read_split(paths.SPLIT, len(all_labels))
    images = StoredImages(paths.TRAIN_IMAGES)
    rows, probabilities, neighbours = predict_held_out(images, all_labels, folds)
    labels = all_labels[rows]
    tables = compute_tables(rows, labels, probabilities, settings)
    tables[paths.LEARNING_CURVE] = read_table(paths.MODEL / paths.LEARNING_CURVE.name)
    tables[paths.NEIGHBOURS] = neighbours
    scores = compute_scores(labels, probabilities, tables, settings.interval)
    write_json(paths.SCORES, scores)
    for path, table in tables.items():
        write_table(path, table.round(6))
    of_folds = f" of {len(folds)} folds" if len(folds) > 1 else ""
    print(f"accuracy {scores['accuracy']:.4f} on {len(labels):,} validation images{of_folds}")


if __name__ == "__main__":
    run(main)
