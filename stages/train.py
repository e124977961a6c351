"""Trains the chosen model on the training rows and no others; with folds, once for each."""

import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from stages import models
from stages.classifiers.saved import COMMITTEE, FOLDS, save_classifier, write_manifest
from stages.cluster.tasks import address
from stages.formats.prepared import Fold
from stages.formats.task import Task, read_task
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder, write_table
from stages.harness.params import Params, read_params
from stages.scoring.metrics import learning_curve
from stages.training.rows import read_folds, select

CURVE = paths.LEARNING_CURVE.name


def train_fold(params: Params, task: Task, fold: Fold, folder: Path) -> None:
    """Trains the chosen model, or both models of a committee, on the training rows of a fold.

    Saves the classifier and its learning curve. A committee has the curve of `train.model`. The
    manifest is the last file: it has the digests of all others.
    """
    images, labels, validation = select(fold)
    classifiers = {name: models.create(name, params, task) for name in params.train.models}
    if params.train.rows is not None:  # the rows that were drawn
        np.save(folder / paths.SAMPLE.name, fold[0])
    start = perf_counter()
    # The partner first: often an `svm`, which rejects in seconds what it cannot learn.
    for name, classifier in reversed(classifiers.items()):
        write_table(folder / CURVE, classifier.fit(images, labels, validation))
        save_classifier(classifier, name, folder / name if len(classifiers) > 1 else folder)
    print(f"trained on {len(labels):,} images in {perf_counter() - start:.1f} s", flush=True)
    if len(classifiers) > 1:
        write_manifest(folder, task, family=COMMITTEE, model=params.train.name)


def train_folds(params: Params, task: Task, folds: list[Fold], folder: Path) -> None:
    """Trains a classifier for each fold; saves them, and the mean of their learning curves."""
    names = [f"fold_{number}" for number in range(1, len(folds) + 1)]
    if address():
        from stages.training import cluster

        cluster.train_folds(names, folder)
    else:
        for name, fold in zip(names, folds, strict=True):
            print(f"{name} of {len(names)}", flush=True)
            (folder / name).mkdir()
            train_fold(params, task, fold, folder / name)
    curves = [pd.read_csv(folder / name / CURVE, index_col="epoch").to_numpy() for name in names]
    write_table(folder / CURVE, learning_curve(*curves))
    write_manifest(folder, task, family=FOLDS, model=params.train.name)


def main() -> None:
    params, task = read_params(), read_task(paths.PREPARED)
    folds = read_folds(params.train)
    if sys.argv[1:]:  # a task of a cluster: one fold
        folds = [folds[int(sys.argv[1]) - 1]]
    with new_folder(paths.MODEL) as folder:
        if len(folds) == 1:
            train_fold(params, task, folds[0], folder)
        else:
            train_folds(params, task, folds, folder)


if __name__ == "__main__":
    run(main)
