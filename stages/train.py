"""Trains the chosen classifier on the training rows and no others; with folds, one for each."""

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from stages.classifiers.saved import name_folds
from stages.cluster.tasks import address
from stages.formats.arrays import write_sums
from stages.formats.prepared import (
    Fold,
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
from stages.harness.params import Params, Train, read_params
from stages.scoring.metrics import Curve
from stages.training.committee import Committee
from stages.training.folds import finish_mean, train_on_cluster

# svm and knn compare rows with rows: their time grows with the square of the number of rows.
# For MEASURED_ROWS on two cores; a committee's are those of its svm.
SECONDS = {"svm": 20, "knn": 7, "committee": 20}
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


def create(params: Params) -> Any:
    """Makes the classifier (`Trainable`) that `train.model` names, with its section of `models`."""
    settings = getattr(params.models, params.train.model).model_dump()
    return create_model(params.train.model, settings, params.train)


def create_model(name: str, settings: dict[str, Any], train: Train) -> Any:
    """Makes a classifier; a committee's `settings` are those of its members, by their names.

    TensorFlow and scikit-learn take seconds to import, so each is imported only when needed.
    """
    if name == "committee":
        return Committee({part: create_model(part, settings[part], train) for part in settings})
    settings, device = settings | {"seed": train.seed}, train.device
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


def check_cost(model: str, count: int, folds: int = 1) -> None:
    """Refuses so many training rows that svm, knn or a committee would take long, in each fold.

    Raises:
        InputError: the line says how long, and how to train on fewer.
    """
    if model in SECONDS and count >= MOST_ROWS + CLASS_COUNT:  # so that a sample can be drawn
        times = f"{folds} times " if folds > 1 else ""
        minutes = SECONDS[model] * (count / MEASURED_ROWS) ** 2 / 60 * folds
        raise InputError(
            f"train.model: {model} with {times}{count:,} training rows would take "
            f"{minutes:,.0f} minutes or more; expected at most {MOST_ROWS:,}: set "
            f"train.rows={MOST_ROWS} for a stratified sample (or any other number, to wait for "
            "it), or choose mlp or cnn"
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


def select(images: StoredImages, labels: Labels, fold: Fold) -> tuple[ImageRows, Labels, Labelled]:
    """Gives a fold's arguments of `Trainable.fit`; no image is read yet."""
    rows, validation_rows = fold
    validation = images.select(validation_rows), labels[validation_rows]
    return images.select(rows), labels[rows], validation


def fit(params: Params, images: StoredImages, labels: Labels, fold: Fold) -> tuple[Any, Curve]:
    """Trains a classifier on the training rows of a fold; gives it, and its learning curve."""
    parts = select(images, labels, fold)
    classifier = create(params)
    start = perf_counter()
    if address() and len(getattr(classifier, "members", ())) > 1:
        from stages.training.members import fit_on_cluster

        curve = fit_on_cluster(classifier)
    else:
        curve = classifier.fit(*parts)
    print(f"trained on {len(parts[0]):,} images in {perf_counter() - start:.1f} s", flush=True)
    return classifier, curve


def save(folder: Path, classifier: Trainable, curve: Curve, drawn: Rows | None) -> None:
    """Writes a trained classifier, its learning curve and, if they were drawn, its rows."""
    classifier.save(folder)
    write_table(folder / paths.LEARNING_CURVE.name, curve)
    if drawn is not None:
        np.save(folder / paths.SAMPLE.name, drawn)
        write_sums(folder)


def train_folds(params: Params, images: StoredImages, labels: Labels, folds: list[Fold]) -> None:
    """Trains a classifier for each fold, one after the other or on a cluster; saves their mean."""
    count = len(folds)
    with new_folder(paths.MODEL) as folder:
        if address():
            train_on_cluster(params.train, count, folder)
        else:
            for name, fold in zip(name_folds(count), folds, strict=True):
                print(f"{name} of {count}", flush=True)
                trained = fit(params, images, labels, fold)
                (folder / name).mkdir()
                save(folder / name, *trained, None if params.train.rows is None else fold[0])
        finish_mean(folder, model=params.train.model, count=count)


def main() -> None:
    params = read_params()
    labels = read_labels(paths.TRAIN_LABELS)
    settings = params.train
    folds = [
        (sample(rows, labels, settings.rows, settings.seed), validation_rows)
        for rows, validation_rows in read_split(paths.SPLIT, len(labels))
    ]
    if settings.rows is None:
        check_cost(settings.model, max(len(rows) for rows, _ in folds), len(folds))
    images = StoredImages(paths.TRAIN_IMAGES)
    task = int(sys.argv[1]) if sys.argv[1:] else None  # its number, on a cluster
    if len(folds) > 1 and task is None:
        train_folds(params, images, labels, folds)
    elif task is not None and len(folds) == 1:
        from stages.training.members import fit_member

        fit_member(create(params), task, *select(images, labels, folds[0]))
    else:
        fold = folds[task or 0]
        trained = fit(params, images, labels, fold)
        with new_folder(paths.MODEL) as folder:
            save(folder, *trained, None if settings.rows is None else fold[0])


if __name__ == "__main__":
    run(main)
