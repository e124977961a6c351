"""Scores the classifier on the validation rows, which neither trained nor chose it.

With several folds these are all labelled rows, each scored by the classifier of its fold.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

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
from stages.scoring.suspects import tabulate_suspects
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
        paths.SUSPECTS: tabulate_suspects(rows, labels, probabilities),
    }


def find_neighbours(
    folder: Path, images: StoredImages, rows: Rows, train_rows: Rows
) -> tuple[Rows, Rows]:
    """Gives the training rows that voted on each of `rows`, the nearest first; only with `knn`.

    Args:
        folder: of the classifier.
        images: those of `rows`.

    Returns:
        The columns of `tables.NEIGHBOURS`.
    """
    if not len(rows) or not isinstance(classifier := load(folder), Neighbours):
        return rows[:0], rows[:0]
    sampled = folder / paths.SAMPLE.name
    if sampled.exists():
        drawn = np.asarray(open_array(sampled, "int64", (), stage="train"))
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


def ask(
    images: StoredImages, labels: Labels, folds: list[Fold]
) -> tuple[Rows, Probabilities, dict[str, Rows]]:
    """Asks about each validation row the classifier that was not trained on it.

    Returns:
        The validation rows, in rising order; their probabilities; and, for those that are wrong,
        the columns of `tables.NEIGHBOURS`.
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
    neighbours = dict(zip(NEIGHBOURS, (explained[by_row], nearest[by_row]), strict=True))
    return rows[order], probabilities[order], neighbours


def main() -> None:
    settings = read_params().evaluate
    all_labels = prepared.read_labels(paths.TRAIN_LABELS)
    folds = prepared.read_split(paths.SPLIT, len(all_labels))
    images = StoredImages(paths.TRAIN_IMAGES)
    rows, probabilities, neighbours = ask(images, all_labels, folds)
    labels = all_labels[rows]
    curve = read_table(paths.MODEL / paths.LEARNING_CURVE.name, LEARNING_CURVE, stage="train")
    scores = compute_scores(labels, probabilities, curve, settings)
    write_json(paths.SCORES, scores)
    write_table(paths.LEARNING_CURVE, {name: curve[name] for name in LEARNING_CURVE})
    for path, columns in compute_tables(rows, labels, probabilities, settings).items():
        write_table(path, columns)
    write_table(paths.NEIGHBOURS, neighbours)
    of_folds = f" of {len(folds)} folds" if len(folds) > 1 else ""
    print(f"accuracy {scores['accuracy']:.4f} on {len(labels):,} validation images{of_folds}")


if __name__ == "__main__":
    run(main)
