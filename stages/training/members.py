"""The members of an ensemble as tasks of a cluster.

`python -m stages.training.members MODEL NUMBER` is such a task: it trains that member alone.
"""

import io
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from stages import models
from stages.cluster.tasks import Task, run_tasks
from stages.harness.errors import run
from stages.harness.outputs import new_file
from stages.harness.params import read_params
from stages.training.ensemble import Ensemble
from stages.training.folds import list_inputs
from stages.training.rows import read_folds, select

MODULE = "stages.training.members"
RESULT = Path("member/trained.npz")  # its weights, and then its scores


def fit_on_cluster(ensemble: Ensemble[Any]) -> list[npt.NDArray[np.float64]]:
    """Trains each member elsewhere; the ensemble then has the weights that training here gives.

    The order of the rows, the first weights and the distortions depend on the seed and on the
    number of the member alone, so that the place and the order of the trainings change no bit.

    Returns:
        The scores of each member: (epochs, part, measure), see `learning_curve`.

    Raises:
        InputError: see `run_tasks`.
    """
    numbers = range(1, len(ensemble.members) + 1)
    tasks = [
        Task(MODULE, (ensemble.model, str(number)), list_inputs(), (RESULT.as_posix(),))
        for number in numbers
    ]
    results, curves = run_tasks(tasks, total=len(tasks), unit="members"), []
    for network, result in zip(ensemble.members, results, strict=True):
        with np.load(io.BytesIO(result[RESULT.as_posix()]), allow_pickle=False) as arrays:
            *weights, scores = arrays.values()
        network.set_weights(weights)
        curves.append(scores)
        loss, accuracy = scores[-1][1]
        print(f"{network.name}: validation loss {loss:.4f}, accuracy {accuracy:.4f}", flush=True)
    return curves


def main() -> None:
    model, number = sys.argv[1], int(sys.argv[2])
    params = read_params()
    ensemble = cast("Ensemble[Any]", models.find(model).create(params.section(model), params.train))
    (fold,) = read_folds(params.train)
    scores = ensemble.fit_member(number, *select(fold))
    with new_file(RESULT) as part, part.open("wb") as file:
        np.savez(file, *ensemble.members[number - 1].get_weights(), scores)


if __name__ == "__main__":
    run(main)
