"""Tasks: commands that run side by side in fresh processes, and give back their files."""

import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from stages.harness.progress import Progress

VARIABLE = "DASK_SCHEDULER_ADDRESS"


@dataclass(frozen=True)
class Task:
    """Runs `python -m module arguments` in an empty folder that holds the inputs.

    Attributes:
        name: of what is made, for errors.
        inputs: by relative path, such as data/prepared/train_images.npy. A `Path` is a file of
            this machine; bytes are a file's content.
        outputs: relative paths of the files and folders that the command writes.
        prefix: of each line that it prints, which is shown if it runs on this machine.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    inputs: Mapping[str, Path | bytes]
    outputs: tuple[str, ...]
    prefix: str = ""


def address() -> str | None:
    """Returns the scheduler's address, or None: then everything runs on this machine."""
    return os.environ.get(VARIABLE, "").strip() or None


def run_tasks(
    tasks: Iterable[Task], *, total: int, unit: str
) -> Generator[dict[str, bytes], None, None]:
    """Runs tasks; yields the outputs of each by path, in the order of the tasks.

    They run on the cluster if there is one, otherwise on this machine's cores. A bar shows how many
    of `total` are done; `unit` is their name in the plural.

    Raises an InputError if a task fails; also without a scheduler, or for a worker of other bytes.
    """
    with ExitStack() as stack, Progress(total=total, unit=f" {unit}") as bar:
        if address():
            from stages.parallel.cluster import Cluster

            yield from Cluster(stack, bar).run(iter(tasks))
        else:
            from stages.parallel.machine import Machine

            yield from Machine(stack, bar).run(iter(tasks))
