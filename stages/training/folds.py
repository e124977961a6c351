"""Several folds: a classifier for each, trained as a task of a cluster, and their mean.

`python -m stages.train I` is such a task: it trains the classifier of the fold of that number,
from 0, and saves it whole.
"""

from pathlib import Path

import numpy as np

from stages.classifiers.exemplars import Exemplars
from stages.classifiers.network import LiteNetwork
from stages.classifiers.saved import MANIFEST, name_folds, write_mean
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
    family = Exemplars if settings.model in ("svm", "knn") else LiteNetwork
    sample = () if settings.rows is None else (paths.SAMPLE.name, SUMS)
    return (MANIFEST, CURVE, *family.FILES, *sample)


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
        (folder / fold).mkdir()
        for name, content in zip(names, result.values(), strict=True):
            (folder / fold / name).write_bytes(content)
        print(f"{fold} of {count}: trained elsewhere", flush=True)


def finish_mean(folder: Path, *, model: str, count: int) -> None:
    """Completes a folder of the folds' classifiers: as their mean, with their mean curve."""
    files = [folder / name / CURVE for name in name_folds(count)]
    curves = [np.loadtxt(file, delimiter=",", skiprows=1, ndmin=2)[:, 1:] for file in files]
    # A row of the table has the losses of both parts, then their accuracies.
    scores = np.mean(curves, axis=0).reshape(-1, 2, 2).swapaxes(1, 2)
    write_table(folder / CURVE, learning_curve(scores))
    write_mean(folder, model=model, count=count)
