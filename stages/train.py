"""Trains the chosen classifier on the training rows and no others."""

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from stages.cluster.tasks import address
from stages.formats.arrays import write_sums
from stages.formats.prepared import (
    ImageRows,
    Labelled,
    Labels,
    Rows,
    StoredImages,
    read_labels,
    read_split,
)
from stages.formats.task import CLASS_COUNT
from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.outputs import new_folder, write_table
from stages.harness.params import Params, read_params
from stages.scoring.metrics import Curve

# svm and knn compare rows with rows: their time grows with the square of the number of rows.
SECONDS = {"svm": 20, "knn": 7}  # for MEASURED_ROWS on two cores
MEASURED_ROWS, MOST_ROWS = 33_600, 100_000


class Trainable(Protocol):
    """A classifier before its training."""

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Trains on `images` and `labels`; `validation` is only scored.

        Returns:
            Losses and accuracies by epoch; see `metrics.learning_curve`.

        Raises:
            InputError: a parameter needs more training rows, or the images are all alike.
        """

    def save(self, folder: Path) -> None:
        """Writes the files that `saved.load` reads."""


def create(params: Params) -> Trainable:
    """Makes the classifier that `train.model` names, with its section of `models`.

    TensorFlow and scikit-learn take seconds to import, so each is imported only when needed.
    """
    name, device = params.train.model, params.train.device
    settings = getattr(params.models, name).model_dump() | {"seed": params.train.seed}
    makers: dict[str, Callable[..., Trainable]]
    if name in ("mlp", "cnn"):
        from stages.training import backend
        from stages.training.networks import new_cnn, new_mlp

        backend.choose(device)
        makers = {"mlp": new_mlp, "cnn": new_cnn}
    else:
        if device != "cpu":
            raise InputError(f"train.device: {device}; expected cpu: scikit-learn trains {name}")
        from stages.training.classical import Knn, Svm

        makers = {"svm": Svm, "knn": Knn}
    return makers[name](**settings)


def check_cost(model: str, count: int) -> None:
    """Refuses so many training rows that svm or knn would take long for them.

    Raises:
        InputError: the line says how long, and how to train on fewer.
    """
    if model in SECONDS and count >= MOST_ROWS + CLASS_COUNT:  # so that a sample can be drawn
        minutes = SECONDS[model] * (count / MEASURED_ROWS) ** 2 / 60
        raise InputError(
            f"train.model: {model} with {count:,} training rows would take about {minutes:,.0f} "
            f"minutes; expected at most {MOST_ROWS:,}: set train.rows={MOST_ROWS} for a stratified "
            "sample (or any other number, to wait for it), or choose mlp or cnn"
        )


def sample(rows: Rows, labels: Labels, count: int | None, seed: int) -> Rows:
    """Draws `count` of the rows at random, each class in the same proportion; all if it is None.

    Args:
        rows: of the training part, in rising order, as is what is returned.
        labels: of all rows.

    Raises:
        InputError: there are too few rows, or of a class only one.
    """
    if count is None:
        return rows
    most = len(rows) - CLASS_COUNT
    if not CLASS_COUNT <= count <= most or np.bincount(labels[rows]).min() < 2:
        raise InputError(
            f"train.rows: {count} of {len(rows)} training rows; expected {CLASS_COUNT} to {most}, "
            "and 2 rows or more of every class; or null for all"
        )
    from sklearn.model_selection import train_test_split  # a second to import

    drawn, _ = train_test_split(rows, train_size=count, stratify=labels[rows], random_state=seed)
    return np.sort(drawn)


def main() -> None:
    params = read_params()
    labels = read_labels(paths.TRAIN_LABELS)
    all_rows, validation_rows = read_split(paths.SPLIT, len(labels))
    rows = sample(all_rows, labels, params.train.rows, params.train.seed)
    if params.train.rows is None:
        check_cost(params.train.model, len(rows))
    images = StoredImages(paths.TRAIN_IMAGES, count=len(labels))
    validation = images.select(validation_rows), labels[validation_rows]
    parts = images.select(rows), labels[rows], validation
    classifier: Any = create(params)
    if sys.argv[1:]:  # this is a task of a cluster
        from stages.training.members import fit_member

        fit_member(classifier, int(sys.argv[1]), *parts)
        return
    start = perf_counter()
    if address() and len(getattr(classifier, "members", ())) > 1:
        from stages.training.members import fit_on_cluster

        curve = fit_on_cluster(classifier)
    else:
        curve = classifier.fit(*parts)
    print(f"trained on {len(rows):,} images in {perf_counter() - start:.1f} s")
    with new_folder(paths.MODEL) as folder:
        classifier.save(folder)
        write_table(folder / paths.LEARNING_CURVE.name, curve)
        if len(rows) < len(all_rows):
            np.save(folder / paths.SAMPLE.name, rows)
            write_sums(folder)


if __name__ == "__main__":
    run(main)
