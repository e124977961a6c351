"""Trains the chosen model on the training rows and no others; with folds, once for each.

What is independent is trained side by side: each fold, each model of a committee, each member of an
ensemble. `python -m stages.train FOLD MODEL MEMBER` is such a task. What it computes depends on the
parameters and these three alone, so that the place and the order of the trainings change no bit.
"""

import io
import shutil
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
from tqdm import tqdm

from stages import models
from stages.classifiers.saved import FOLD, save_classifier, write_manifest
from stages.formats.prepared import Fold
from stages.formats.task import Task, read_task
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import list_files, new_folder, write_table
from stages.harness.params import Params, read_params
from stages.models import Trainable
from stages.parallel import tasks
from stages.scoring.metrics import Curve, learning_curve
from stages.training.rows import read_folds, select

if TYPE_CHECKING:  # importing TensorFlow takes seconds, and not every model needs it
    from stages.training.ensemble import Ensemble

CURVE, SAMPLE = paths.LEARNING_CURVE.name, paths.SAMPLE.name
TRAINED = "trained.npz"  # of a member: its weights, and then its scores


def train_part(
    params: Params, task: Task, fold: Fold, model: str, member: int, folder: Path
) -> None:
    """Trains a model on the training rows of a fold, or a member of it, and saves what it is."""
    classifier = models.create(model, params, task)
    if params.count_members(model) > 1:
        ensemble = cast("Ensemble", classifier)
        scores = ensemble.fit_member(member, *select(fold))
        np.savez(folder / TRAINED, *ensemble.members[member - 1].get_weights(), scores)
    else:
        save(classifier, classifier.fit(*select(fold)), params, fold, model, folder)


def save(
    classifier: Trainable, curve: Curve, params: Params, fold: Fold, model: str, folder: Path
) -> None:
    """Saves a classifier, its learning curve and, if they are a sample, its training rows."""
    write_table(folder / CURVE, curve)
    if params.train.rows is not None:
        np.save(folder / SAMPLE, fold[0])
    save_classifier(classifier, model, folder)


def join(ensemble: "Ensemble", trained: Sequence[bytes]) -> Curve:
    """Sets the weights of the members; returns the mean of their scores."""
    curves = []
    for network, content in zip(ensemble.members, trained, strict=True):
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            *weights, scores = arrays.values()
        network.set_weights(weights)
        curves.append(scores)
    return learning_curve(*curves)


def run_parts(folds: int, counts: Mapping[str, int]) -> Generator[dict[str, bytes], None, None]:
    """Trains each part in a process; yields what it saved, by path in the folder `data/model`."""
    files = [paths.PARAMS, paths.TASK, paths.TRAIN_IMAGES, paths.TRAIN_LABELS]
    files += [paths.PREPARED / paths.SUMS, *list_files(paths.SPLIT)]
    inputs, output = {path.as_posix(): path for path in files}, paths.MODEL.as_posix()

    def make_task(fold: int, model: str, member: int) -> tasks.Task:
        name = f"{model}_{member}" if counts[model] > 1 else model
        prefix, words = f"{FOLD}{fold}: " if folds > 1 else "", (str(fold), model, str(member))
        return tasks.Task(name, "stages.train", words, inputs, (output,), prefix)

    members = [(model, 1 + i) for model, count in counts.items() for i in range(count)]
    todo = [make_task(1 + i, *part) for i in range(folds) for part in members]
    with closing(tasks.run_tasks(todo, total=len(todo), unit="trainings")) as results:
        for task, result in zip(todo, results, strict=True):
            tqdm.write(f"{task.prefix}{task.name}: trained")
            yield {name.removeprefix(f"{output}/"): content for name, content in result.items()}


def train_parts(params: Params, task: Task, folds: list[Fold], folder: Path) -> None:
    """Trains what is independent side by side, and saves each classifier in its folder."""
    # The partner first: often an `svm`, which rejects in seconds what it cannot learn.
    counts = {model: params.count_members(model) for model in reversed(params.train.models)}
    homes = [folder / f"{FOLD}{1 + i}" if len(folds) > 1 else folder for i in range(len(folds))]
    with closing(run_parts(len(folds), counts)) as results:
        for home, fold in zip(homes, folds, strict=True):
            for model, count in counts.items():
                place = home / model if len(counts) > 1 else home
                trained = [*islice(results, count)]
                place.mkdir(parents=True, exist_ok=True)
                if count > 1:
                    ensemble = cast("Ensemble", models.create(model, params, task))
                    curve = join(ensemble, [part[TRAINED] for part in trained])
                    save(ensemble, curve, params, fold, model, place)
                else:
                    for name, content in trained[0].items():
                        (place / name).write_bytes(content)
            if len(counts) > 1:
                shutil.copyfile(home / params.train.model / CURVE, home / CURVE)
                write_manifest(home, task, params.train.name, *params.train.models)
    if len(folds) > 1:
        curves = [pd.read_csv(home / CURVE, index_col="epoch").to_numpy() for home in homes]
        names = [home.name for home in homes]
        write_table(folder / CURVE, learning_curve(*curves))
        write_manifest(folder, task, params.train.name, *names)


def main() -> None:
    params, task, start = read_params(), read_task(paths.PREPARED), perf_counter()
    folds = read_folds(params.train)
    fold, model, member = sys.argv[1:] or ("1", params.train.model, "1")
    is_whole = len(folds) == len(params.train.models) == params.count_members(model) == 1
    with new_folder(paths.MODEL) as folder:
        if sys.argv[1:] or is_whole:
            train_part(params, task, folds[int(fold) - 1], model, int(member), folder)
        else:
            train_parts(params, task, folds, folder)
    if not sys.argv[1:]:
        count, of_each = len(folds[0][0]), f" in each of {len(folds)} folds" if folds[1:] else ""
        print(f"trained on {count:,} images{of_each} in {perf_counter() - start:.1f} s")


if __name__ == "__main__":
    run(main)
