"""Scores the classifier on the validation rows, which no stage used to train or to choose it.

With several folds these are all labelled rows, each scored by the classifier of its fold.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.classifiers.chunks import predict
from stages.classifiers.instance_based import Neighbours
from stages.classifiers.saved import list_folds, load
from stages.formats import prepared
from stages.formats.prepared import Fold, Labels, Part, Probabilities, Rows, StoredImages
from stages.formats.task import read_task
from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.outputs import write_json, write_table
from stages.harness.params import Evaluate, read_params
from stages.scoring import confidence, metrics

DECIMALS = 4  # `dvc metrics diff` shows up to five significant digits; four decimals align the rows
VOTERS = 8  # of each mistake, in metrics/neighbours.csv


def compute_tables(
    rows: Rows, labels: Labels, probabilities: Probabilities, settings: Evaluate
) -> dict[Path, pd.DataFrame]:
    """Returns the tables about the predictions by their paths; see `results.COLUMNS`."""
    classes = read_task(paths.PREPARED).classes
    images = metrics.list_images(paths.TRAIN_FILES, rows.max() + 1).iloc[rows]
    images = images.reset_index(drop=True).assign(actual=np.array(classes, object)[labels])
    predictions = images.join(metrics.most_probable(probabilities, classes))
    issues = predictions.iloc[confidence.find_label_issues(labels, probabilities)]
    scored = pd.DataFrame({"confidence": probabilities.max(axis=1).astype(float)})
    scored["correct"] = probabilities.argmax(axis=1) == labels
    bins, interval = settings.calibration_bins, settings.interval
    return {
        paths.CLASSES_TABLE: metrics.score_classes(predictions, classes),
        paths.RELIABILITY: confidence.measure_reliability(scored, bins=bins, interval=interval),
        paths.COVERAGE: confidence.measure_coverage(scored),
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
    scores["calibration_error"] = confidence.expected_calibration_error(tables[paths.RELIABILITY])
    # A class without a row has no recall; if it is not predicted either, no F1.
    classes = tables[paths.CLASSES_TABLE]
    has_rows, predicted = classes["rows"] > 0, classes.filter(like="as_").sum().to_numpy() > 0
    scores["balanced_accuracy"] = classes["recall"][has_rows].mean()
    scores["macro_f1"] = classes["f1"][has_rows | predicted].mean()
    scores["train_accuracy"] = tables[paths.LEARNING_CURVE]["train_accuracy"].iloc[-1]
    if paths.TEST_LABELS.exists():  # they are known, but no stage learns them
        answers = predict(paths.MODEL, StoredImages(paths.TEST_IMAGES)).argmax(axis=1)
        scores["test_accuracy"] = (answers == prepared.read_labels(paths.TEST_LABELS)).mean()
    return {name: round(float(value), DECIMALS) for name, value in scores.items()}


def find_neighbours(folder: Path, images: StoredImages, rows: Rows, train: Rows) -> pd.DataFrame:
    """Returns a table of the training rows that voted on each of `rows`, the nearest first.

    The table is empty if the classifier in `folder` does not vote.
    """
    classifier = load(folder)
    nearest = np.empty((len(rows), 0), np.int64)
    if len(rows) and isinstance(classifier, Neighbours):
        if (sampled := folder / paths.SAMPLE.name).exists():
            train = np.load(sampled, allow_pickle=False)
        places = classifier.find_nearest(classifier.encode(Part(images, rows)))[1]
        nearest = train[places[:, :VOTERS]]
    return pd.DataFrame({"row": rows.repeat(nearest.shape[1]), "neighbour": nearest.ravel()})


def predict_held_out(
    images: StoredImages, labels: Labels, folds: list[Fold]
) -> tuple[Rows, Probabilities, pd.DataFrame]:
    """Predicts each validation row with the classifier that was not trained on it.

    Returns:
        The validation rows, in rising order; their probabilities; and, for those that are wrong,
        the table of their neighbours.

    Raises an InputError unless there is a classifier for each fold: then some rows were trained on.
    """
    folders = list_folds(paths.MODEL)
    if len(folders) != len(folds):
        fault = f"trained on another split, of {len(folders)}, not {len(folds)} folds"
        raise InputError(f"{paths.MODEL}: {fault}; train again")
    found, near = [], []
    for folder, (train_rows, rows) in zip(folders, folds, strict=True):
        probabilities = predict(folder, Part(images, rows))
        found.append(pd.DataFrame(probabilities, index=rows))
        wrong = rows[probabilities.argmax(axis=1) != labels[rows]]
        near.append(find_neighbours(folder, images, wrong, train_rows))
    held_out = pd.concat(found).sort_index()
    neighbours = pd.concat(near).sort_values("row", kind="stable")
    return held_out.index.to_numpy(), held_out.to_numpy(), neighbours


def main() -> None:
    settings = read_params().evaluate
    all_labels = prepared.read_labels(paths.TRAIN_LABELS)
    folds = prepared.read_split(paths.SPLIT, len(all_labels))
    images = StoredImages(paths.TRAIN_IMAGES)
    rows, probabilities, neighbours = predict_held_out(images, all_labels, folds)
    labels = all_labels[rows]
    tables = compute_tables(rows, labels, probabilities, settings)
    tables[paths.LEARNING_CURVE] = pd.read_csv(paths.MODEL / paths.LEARNING_CURVE.name)
    tables[paths.NEIGHBOURS] = neighbours
    scores = compute_scores(labels, probabilities, tables, settings.interval)
    write_json(paths.SCORES, scores)
    for path, table in tables.items():
        write_table(path, table.round(6))
    of_folds = f" of {len(folds)} folds" if len(folds) > 1 else ""
    print(f"accuracy {scores['accuracy']:.4f} on {len(labels):,} validation images{of_folds}")


if __name__ == "__main__":
    run(main)
