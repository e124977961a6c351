"""The members of an ensemble as tasks of a cluster.

`python -m stages.training.members MODEL NUMBER` is such a task: it trains that member alone.
"""

import io
import json
import sys
from pathlib import Path
from typing import cast

import numpy as np

from stages import models
from stages.cluster.tasks import Task, run_tasks
from stages.harness.errors import run
from stages.harness.outputs import new_file, write_json
from stages.harness.params import read_params
from stages.scoring.metrics import Scores
from stages.training.ensemble import Ensemble
from stages.training.folds import list_inputs
from stages.training.rows import read_folds, select

WEIGHTS = Path("member/weights.npz")
SCORES = Path("member/scores.json")


def fit_on_cluster(ensemble: Ensemble) -> list[list[Scores]]:
    """Trains each member elsewhere; the ensemble then has the weights that training here gives.

    The order of the rows, the first weights and the distortions depend on the seed and on the
    number of the member alone, so that the place and the order of the trainings change no bit.

    Returns:
        The scores after each epoch of each member.

    Raises:
        InputError: see `run_tasks`.
    """
    outputs = (WEIGHTS.as_posix(), SCORES.as_posix())
    tasks = [
        Task("stages.training.members", (ensemble.model, str(number)), list_inputs(), outputs)
        for number, _ in enumerate(ensemble.members, 1)
    ]
    results = run_tasks(tasks, total=len(tasks), unit="members")
    curves = []
    for network, result in zip(ensemble.members, results, strict=True):
        weights, scores = (result[name] for name in outputs)
        with np.load(io.BytesIO(weights), allow_pickle=False) as arrays:
            network.set_weights([arrays[name] for name in arrays.files])
        curves.append(json.loads(scores)["epochs"])
        _, (loss, accuracy) = curves[-1][-1]
        print(f"{network.name}: validation loss {loss:.4f}, accuracy {accuracy:.4f}", flush=True)
    return curves


def main() -> None:
    model, number = sys.argv[1], int(sys.argv[2])
    params = read_params()
    ensemble = cast(Ensemble, models.find(model).create(params.section(model), params.train))
    (fold,) = read_folds(params.train)
    scores = ensemble.fit_member(number, *select(fold))
    with new_file(WEIGHTS) as part, part.open("wb") as file:
        np.savez(file, *ensemble.members[number - 1].get_weights())
    write_json(SCORES, {"epochs": scores})


if __name__ == "__main__":
    run(main)
