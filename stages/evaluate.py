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
from stages.formats.prepared import Fold, Labels, Probabilities, Rows, StoredImages
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
    """Returns the tables about the predictions by their paths; see `tables.SCHEMAS`."""
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


def find_neighbours(
    folder: Path, images: StoredImages, rows: Rows, train_rows: Rows
) -> tuple[Rows, Rows]:
    """Returns the training rows that voted on each of `rows`, nearest first; only with `knn`.

    Args:
        folder: of the classifier.
        images: those of `rows`.

    Returns:
        The rows, each as often as it has neighbours, and the neighbours.
    """
    if not len(rows) or not isinstance(classifier := load(folder), Neighbours):
        return rows[:0], rows[:0]
    sampled = folder / paths.SAMPLE.name
    if sampled.exists():
        drawn = np.asarray(open_array(sampled))
        if not np.isin(drawn, train_rows).all():
            raise InputError(f"{sampled}: holds rows that are not for training; train again")
        train_rows = drawn
    kept, trained = len(classifier.vectors), len(train_rows)
    if kept != trained:
        fault = f"keeps {kept} images; expected the {trained} training rows"
        raise InputError(f"{folder}: {fault}; train again")
    nearest = classifier.find_nearest(classifier.encode(images[:]))[1][:, :VOTERS]
    return rows.repeat(nearest.shape[1]), train_rows[nearest].ravel()


def list_classifiers(count: int) -> list[Path]:
    """Lists the folders of the classifiers, one for each of `count` folds of the split.

    Raises:
        InputError: there are more or fewer: then some rows were trained on and would be scored.
    """
    parts = list_folds(paths.MODEL)
    if len(parts) != count:
        fault = f"trained on another split, of {len(parts)}, not {count} folds"
        raise InputError(f"{paths.MODEL}: {fault}; train again")
    return parts


def predict_held_out(
    images: StoredImages, labels: Labels, folds: list[Fold]
) -> tuple[Rows, Probabilities, pd.DataFrame]:
    """Predicts each validation row with the classifier that was not trained on it.

    Returns:
        The validation rows, in rising order; their probabilities; and, for those that are wrong,
        the table of their neighbours.
    """
    found, near = [], []
    for folder, (train_rows, rows) in zip(list_classifiers(len(folds)), folds, strict=True):
        probabilities = predict(folder, images.select(rows))
        wrong = rows[probabilities.argmax(axis=1) != labels[rows]]
        found.append((rows, probabilities))
        near.append(find_neighbours(folder, images.select(wrong), wrong, train_rows))
    rows, probabilities = map(np.concatenate, zip(*found, strict=True))
    order = np.argsort(rows)
    explained, nearest = map(np.concatenate, zip(*near, strict=True))
    by_row = np.argsort(explained, kind="stable")
    neighbours = pd.DataFrame({"row": explained[by_row], "neighbour": nearest[by_row]})
    return rows[order], probabilities[order], neighbours


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
