"""Training on a cluster: a task trains the classifier of a fold, or a member of an ensemble.

`python -m stages.train I` is the first kind of task: it trains on fold I, from 1. The second is
`python -m stages.training.cluster MODEL NUMBER`: it trains that member. Errors: see `run_tasks`.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from stages import models
from stages.cluster.tasks import Task, run_tasks
from stages.formats.task import read_task
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import list_files
from stages.harness.params import read_params
from stages.training.rows import read_folds, select

if TYPE_CHECKING:  # importing TensorFlow takes seconds, and not every model needs it
    from stages.training.ensemble import Ensemble

TRAINED = "trained.npz"  # the weights of a member, and then its scores


def run_trainings(
    command: tuple[str, ...], count: int, output: str, unit: str
) -> Iterator[dict[str, bytes]]:
    """Runs `python -m` with a command and each number from 1 to `count`; see `run_tasks`."""
    files = [paths.PARAMS, paths.TASK, paths.TRAIN_IMAGES, paths.TRAIN_LABELS]
    files += [paths.PREPARED / paths.SUMS, *list_files(paths.SPLIT)]
    inputs = {path.as_posix(): path for path in files}
    module, *words = command
    tasks = (Task(module, (*words, str(n)), inputs, (output,)) for n in range(1, count + 1))
    return run_tasks(tasks, total=count, unit=unit)


def train_folds(names: list[str], folder: Path) -> None:
    """Trains the classifier of each fold, and saves it in the folder of that name in `folder`."""
    results = run_trainings(("stages.train",), len(names), paths.MODEL.as_posix(), "folds")
    for fold, result in zip(names, results, strict=True):
        for name, content in result.items():
            path = folder / fold / Path(name).relative_to(paths.MODEL)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        print(f"{fold} of {len(names)}: trained on the cluster", flush=True)


def train_members(ensemble: "Ensemble") -> list[npt.NDArray[np.float64]]:
    """Trains each member of an ensemble, sets its weights, and returns what `fit_member` does.

    The order of the rows, the first weights and the distortions depend on the seed and on the
    number of the member alone, so that the place and the order of the trainings change no bit.
    """
    command = ("stages.training.cluster", ensemble.model)
    results = run_trainings(command, ensemble.count, TRAINED, "members")
    curves = []
    for network, result in zip(ensemble.members, results, strict=True):
        with np.load(io.BytesIO(result[TRAINED]), allow_pickle=False) as arrays:
            *weights, scores = arrays.values()
        network.set_weights(weights)
        curves.append(scores)
        _, loss, _, accuracy = scores[-1]
        print(f"{network.name}: validation loss {loss:.4f}, accuracy {accuracy:.4f}", flush=True)
    return curves


def main() -> None:
    model, number = sys.argv[1], int(sys.argv[2])
    params, task = read_params(), read_task(paths.PREPARED)
    ensemble = cast("Ensemble", models.create(model, params, task))
    (fold,) = read_folds(params.train)
    scores = ensemble.fit_member(number, *select(fold))
    np.savez(TRAINED, *ensemble.members[number - 1].get_weights(), scores)


if __name__ == "__main__":
    run(main)
