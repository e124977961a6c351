"""Work for a cluster, whatever its engine: commands that run in fresh processes, far away."""

import importlib.util
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stages.harness.errors import InputError

VARIABLE = "DASK_SCHEDULER_ADDRESS"


@dataclass(frozen=True)
class Task:
    """Runs `python -m module arguments` in an empty folder that holds the inputs.

    Attributes:
        inputs: by relative path, such as data/prepared/train_images.npy. A `Path` is a file of
            this machine, sent once to each worker. Bytes travel with each task: some MB at most.
        outputs: the relative paths of the files that the command writes.
    """

    module: str
    arguments: tuple[str, ...]
    inputs: Mapping[str, Path | bytes]
    outputs: tuple[str, ...]


def address() -> str | None:
    """Gives the scheduler's address, or None: then everything runs on this machine."""
    return os.environ.get(VARIABLE, "").strip() or None


def run_tasks(tasks: Iterable[Task], *, total: int, unit: str) -> Iterator[dict[str, bytes]]:
    """Runs tasks on the cluster; gives the outputs of each by path, in the order of the tasks.

    Args:
        tasks: read as workers become free: at most two for each of their threads are unfinished or
            not yet handed on, so that memory stays bounded.
        total: the number of tasks.
        unit: what a task is, in the plural, for the progress bar.

    Raises:
        InputError: no cluster, an unlike worker, or a task that failed.
    """
    found = address()
    if not found:
        raise InputError(f"{VARIABLE}: not set; set it to tcp://host:port of a Dask scheduler")
    if importlib.util.find_spec("distributed") is None:
        raise InputError(
            f"{VARIABLE} is set, but the package distributed is not installed: "
            f"install requirements-cluster.txt, or unset {VARIABLE}"
        )
    from stages.cluster import engine  # imports Dask: 0.5 s, and not everyone has it

    yield from engine.run_tasks(found, tasks, total, unit)
