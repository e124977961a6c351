"""Several folds: a classifier for each, trained as a task of a cluster, and their mean.

`python -m stages.train I` is such a task: it trains the classifier of the fold of that number,
from 0, and saves it whole.
"""

from pathlib import Path

import numpy as np

from stages.classifiers.exemplars import Exemplars
from stages.classifiers.network import LiteNetwork
from stages.classifiers.saved import FOLDS, MANIFEST, MEMBERS, name_folds, write_mean
from stages.cluster.tasks import Task, run_tasks
from stages.formats.arrays import SUMS
from stages.harness import paths
from stages.harness.outputs import list_files, write_table
from stages.harness.params import Train
from stages.scoring.metrics import learning_curve

CURVE = paths.LEARNING_CURVE.name


def list_inputs() -> dict[str, Path]:
    """Lists what a task of `train` reads, as `Task.inputs`."""
    files = [paths.PARAMS, paths.PREPARED / SUMS, paths.TRAIN_IMAGES, paths.TRAIN_LABELS]
    return {path.as_posix(): path for path in (*files, *list_files(paths.SPLIT))}


def list_saved(settings: Train) -> tuple[str, ...]:
    """Names the files that `train` saves of one classifier."""
    sample = () if settings.rows is None else (paths.SAMPLE.name, SUMS)
    return (MANIFEST, CURVE, *list_model_files(settings.model), *sample)


def list_model_files(model: str) -> list[str]:
    """Names the files, beside the manifest, of a saved classifier."""
    if model == "committee":
        return [
            f"{name}/{file}" for name in MEMBERS for file in (MANIFEST, *list_model_files(name))
        ]
    family = Exemplars if model in ("svm", "knn") else LiteNetwork
    return list(family.FILES)


def train_on_cluster(settings: Train, count: int, folder: Path) -> None:
    """Trains the classifier of each fold elsewhere; `folder` gets what `train` would save here.

    Raises:
        InputError: see `run_tasks`.
    """
    names = list_saved(settings)
    outputs = tuple((paths.MODEL / name).as_posix() for name in names)
    tasks = [Task("stages.train", (str(i),), list_inputs(), outputs) for i in range(count)]
    results = run_tasks(tasks, total=count, unit="folds")
    for fold, result in zip(name_folds(count), results, strict=True):
        for name, content in zip(names, result.values(), strict=True):
            (folder / fold / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / fold / name).write_bytes(content)
        print(f"{fold} of {count}: trained elsewhere", flush=True)


def finish_mean(folder: Path, *, model: str, count: int) -> None:
    """Completes a folder of the folds' classifiers: as their mean, with their mean curve."""
    files = [folder / name / CURVE for name in name_folds(count)]
    curves = [np.loadtxt(file, delimiter=",", skiprows=1, ndmin=2)[:, 1:] for file in files]
    # A row of the table has the losses of both parts, then their accuracies.
    scores = np.mean(curves, axis=0).reshape(-1, 2, 2).swapaxes(1, 2)
    write_table(folder / CURVE, learning_curve(scores))
    write_mean(folder, family=FOLDS, model=model, names=name_folds(count))
