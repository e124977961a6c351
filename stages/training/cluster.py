"""Training on a cluster: a task trains the classifier of a fold, or a member of an ensemble.

`python -m stages.train I` is the first kind of task: it trains on fold I, from 1. The second is
`python -m stages.training.cluster MODEL NUMBER`: it trains that member of an ensemble alone.
"""

import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from stages import models
from stages.cluster.tasks import Task, run_tasks
from stages.formats.task import read_task
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import list_files, new_file
from stages.harness.params import read_params
from stages.training.rows import read_folds, select

if TYPE_CHECKING:  # importing TensorFlow takes seconds, and not every model needs it
    from stages.training.ensemble import Ensemble

TRAINED = Path("member/trained.npz")  # the weights of a member, and then its scores


def run_trainings(
    module: str, arguments: Iterable[tuple[str, ...]], output: Path, unit: str
) -> Iterator[dict[str, bytes]]:
    """Runs `python -m module` on the cluster, once with each of the arguments; see `run_tasks`."""
    files = [paths.PARAMS, paths.TASK, paths.TRAIN_IMAGES, paths.TRAIN_LABELS]
    files += [paths.PREPARED / paths.SUMS]
    inputs = {path.as_posix(): path for path in (*files, *list_files(paths.SPLIT))}
    tasks = [Task(module, each, inputs, (output.as_posix(),)) for each in arguments]
    return run_tasks(tasks, total=len(tasks), unit=unit)


def train_folds(names: list[str], folder: Path) -> None:
    """Trains the classifier of each fold, and saves it in the folder of that name in `folder`.

    Raises:
        InputError: see `run_tasks`.
    """
    arguments = [(str(number),) for number in range(1, len(names) + 1)]
    results = run_trainings("stages.train", arguments, paths.MODEL, "folds")
    for fold, result in zip(names, results, strict=True):
        for name, content in result.items():
            path = folder / fold / Path(name).relative_to(paths.MODEL)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        print(f"{fold} of {len(names)}: trained on the cluster", flush=True)


def train_members(ensemble: "Ensemble") -> list[npt.NDArray[np.float64]]:
    """Trains each member of an ensemble, and sets its weights.

    The order of the rows, the first weights and the distortions depend on the seed and on the
    number of the member alone, so that the place and the order of the trainings change no bit.

    Returns:
        The scores of each member; see `Ensemble.fit_member`.

    Raises:
        InputError: see `run_tasks`.
    """
    arguments = [(ensemble.model, str(n)) for n in range(1, len(ensemble.members) + 1)]
    results = run_trainings("stages.training.cluster", arguments, TRAINED, "members")
    curves = []
    for network, result in zip(ensemble.members, results, strict=True):
        with np.load(io.BytesIO(result[TRAINED.as_posix()]), allow_pickle=False) as arrays:
            *weights, scores = arrays.values()
        network.set_weights(weights)
        curves.append(scores)
        _, loss, _, accuracy = scores[-1]
        print(f"{network.name}: validation loss {loss:.4f}, accuracy {accuracy:.4f}", flush=True)
    return curves


def main() -> None:
    model, number = sys.argv[1], int(sys.argv[2])
    params = read_params()
    task = read_task(paths.PREPARED)
    create = models.find(model).create
    ensemble = cast("Ensemble", create(params.section(model), params.train, task))
    (fold,) = read_folds(params.train)
    scores = ensemble.fit_member(number, *select(fold))
    with new_file(TRAINED) as part, part.open("wb") as file:
        np.savez(file, *ensemble.members[number - 1].get_weights(), scores)


if __name__ == "__main__":
    run(main)
