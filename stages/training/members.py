"""Members of an ensemble as tasks of a cluster, if there is a single fold.

`python -m stages.train I` is such a task then: it trains the member of that number, from 0, alone.
"""

import io
import json
from pathlib import Path

import numpy as np

from stages.cluster.tasks import Task, run_tasks
from stages.formats.prepared import ImageRows, Labelled, Labels
from stages.harness.outputs import new_file, write_json
from stages.harness.progress import Progress
from stages.scoring.metrics import Curve, learning_curve
from stages.training.ensemble import Network
from stages.training.folds import list_inputs

WEIGHTS = Path("member/weights.npz")
SCORES = Path("member/scores.json")


def fit_member(
    network: Network, i: int, images: ImageRows, labels: Labels, validation: Labelled
) -> None:
    """Trains a member as `Network.fit` does; writes its weights and its scores by epoch."""
    member = network.members[i]
    with Progress(member.epochs * len(images), "images") as bar:
        scores = member.fit(images, labels, validation, bar=bar)
    with new_file(WEIGHTS) as part, part.open("wb") as file:
        np.savez(file, *member.model.get_weights())
    write_json(SCORES, {"epochs": scores})


def fit_on_cluster(network: Network) -> Curve:
    """Trains each member elsewhere; the network then has the weights that `fit` would give it.

    The order of the rows, the first weights and the distortions depend on the seed and on the
    number of the member alone, so that the place and the order of the trainings change no bit.

    Raises:
        InputError: see `run_tasks`.
    """
    outputs = (WEIGHTS.as_posix(), SCORES.as_posix())
    count = len(network.members)
    tasks = [Task("stages.train", (str(i),), list_inputs(), outputs) for i in range(count)]
    curves = []
    for member, result in zip(
        network.members, run_tasks(tasks, total=count, unit="members"), strict=True
    ):
        weights, scores = (result[name] for name in outputs)
        with np.load(io.BytesIO(weights), allow_pickle=False) as arrays:
            member.model.set_weights([arrays[name] for name in arrays.files])
        curves.append(json.loads(scores)["epochs"])
        _, (loss, accuracy) = curves[-1][-1]
        print(
            f"{member.model.name}: validation loss {loss:.4f}, accuracy {accuracy:.4f}", flush=True
        )
    return learning_curve(np.mean(curves, axis=0))
