"""Several folds: a classifier for each, trained here or on a cluster, and their mean.

On a cluster, `python -m stages.train I` is a task: it trains the classifier of fold I, from 1.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.classifiers.saved import FOLDS, name_folds, write_manifest
from stages.cluster.tasks import Task, run_tasks
from stages.formats.arrays import SUMS
from stages.harness import paths
from stages.harness.outputs import list_files, write_table
from stages.scoring.metrics import learning_curve

CURVE = paths.LEARNING_CURVE.name


def list_inputs() -> dict[str, Path]:
    """Lists what a task of `train` reads, as `Task.inputs`."""
    files = [paths.PARAMS, paths.PREPARED / SUMS, paths.TRAIN_IMAGES, paths.TRAIN_LABELS]
    return {path.as_posix(): path for path in (*files, *list_files(paths.SPLIT))}


def train_on_cluster(count: int, folder: Path) -> None:
    """Trains the classifier of each fold on a cluster; `folder` gets what a task saves.

    Raises:
        InputError: see `run_tasks`.
    """
    model = paths.MODEL.as_posix()
    numbers = range(1, count + 1)
    tasks = [Task("stages.train", (str(number),), list_inputs(), (model,)) for number in numbers]
    results = run_tasks(tasks, total=count, unit="folds")
    for fold, result in zip(name_folds(count), results, strict=True):
        for name, content in result.items():
            path = folder / fold / Path(name).relative_to(model)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        print(f"{fold} of {count}: trained on the cluster", flush=True)


def finish_mean(folder: Path, *, model: str, count: int) -> None:
    """Completes a folder of the folds' classifiers: as their mean, with their mean curve."""
    curves = [pd.read_csv(folder / name / CURVE, index_col="epoch") for name in name_folds(count)]
    # A row of the table has the losses of both parts, then their accuracies.
    scores = np.mean(curves, axis=0).reshape(-1, 2, 2).swapaxes(1, 2)
    write_table(folder / CURVE, learning_curve(scores))
    write_manifest(folder, family=FOLDS, model=model)
