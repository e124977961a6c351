"""Runs a task on a Dask worker."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from distributed import Reschedule, get_worker

from stages.harness.errors import InputError
from stages.parallel.process import run_process
from stages.parallel.tasks import Task


def run_task(
    fields: Mapping[str, Any], inputs: Mapping[str, Any], client: Mapping[str, str]
) -> dict[str, bytes]:
    """Runs a task, given as its fields, for a client with this description; see `run_process`.

    Raises an InputError that names this worker if the task failed, or cannot run here.
    """
    worker = get_worker()
    key = worker.get_current_task()

    def check() -> None:
        task = worker.state.tasks.get(key)
        if not task or task.state != "executing" or worker.status.name in ("closing", "closed"):
            raise Reschedule

    task = replace(Task(**fields), inputs=inputs)
    try:
        return run_process(task, worker.local_directory, check, lambda _: None, client)
    except (InputError, OSError) as error:
        raise InputError(f"{error} (worker {worker.address})") from None
