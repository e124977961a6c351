"""Tasks on a Dask cluster."""

import asyncio
import logging
import operator
import time
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from tqdm import tqdm

from stages.harness.errors import InputError
from stages.harness.provenance import describe_computation
from stages.parallel.process import run_process
from stages.parallel.tasks import VARIABLE, Task, address

LARGEST = 2_000_000_000  # bytes of a file that is sent
CONNECT, ANSWER, TRANSFER = 6, 30, 600  # seconds: for the first answer, later ones, and a file
LOSSES = 4  # times that inputs may be lost with their workers before there is another result


def _explain(what: str, error: Exception, remedy: str) -> InputError:
    cause = f"{type(error).__name__}: {error!s:.300}".rstrip(": ")
    line = f"{VARIABLE} is {address()}: {what} ({cause}); {remedy}, or unset the variable"
    return error if isinstance(error, InputError) else InputError(line)


class Cluster:
    """Sends each task to a worker, and each file of this machine once to each worker.

    A file that is larger than `LARGEST` is read from a shared disk. Errors: see `run_tasks`.
    """

    def __init__(self, stack: ExitStack, bar: tqdm) -> None:
        self._bar, self._sent, self._description = bar, dict[Path, Any](), describe_computation()
        logging.disable()  # errors are one line
        stack.callback(logging.disable, logging.NOTSET)
        try:
            from dask.task_spec import Task as Call  # takes 1 s, and not everyone has it
            from distributed import Client, Security, rpc

            options = Security().get_connection_args("client")
            greeting = rpc(address(), connection_args=options).identity(n_workers=0)
            asyncio.run(asyncio.wait_for(greeting, CONNECT))  # `Client` would wait for a frozen one
            with warnings.catch_warnings(action="ignore"):  # of versions, which each task compares
                self._client = client = Client(address(), set_as_default=False)
        except Exception as error:
            raise _explain("cannot connect", error, "start Dask as docs/scale.md shows") from None
        stack.callback(client.close, CONNECT)  # ends its tasks
        self._scatter = partial(client.sync, client.scatter, hash=False, callback_timeout=TRANSFER)
        # By name: a worker without it raises an error; unpickling it would cut the connection.
        self._run_task = Call(None, resolve_name, "stages.parallel.cluster:run_task")

    def run(self, tasks: Iterator[Task]) -> Iterator[dict[str, bytes]]:
        window, futures, losses = list(islice(tasks, 1)), list[Any](), 0
        while window:
            window += islice(tasks, max(0, 2 * self._count_threads() - len(window)))
            try:
                futures += map(self._submit, window[len(futures) :])
                first, *_ = [future for future in futures if future.status == "error"] or futures
                try:
                    first.exception(timeout=1)
                except TimeoutError:  # it still runs
                    continue
                outputs = first.result(TRANSFER)
            except Exception as error:
                losses += 1
                if losses == LOSSES or not isinstance(error, CancelledError | OSError):
                    raise _explain("a task cannot run", error, "see its workers' logs") from None
                futures, self._sent = [], {}  # inputs are lost with a worker: all are sent again
            else:
                del window[0], futures[0]
                losses = 0
                self._bar.update()
                yield outputs

    def _count_threads(self) -> int:
        """Counts the threads of all workers; waits while there are none."""
        try:  # without `wait_for_workers`, which would wait for a frozen scheduler without end
            if not self._client.nthreads(callback_timeout=ANSWER):
                self._bar.write(f"{address()} has no worker: waiting for one")
                while not self._client.nthreads(callback_timeout=ANSWER):
                    time.sleep(1)
            return sum(self._client.nthreads(callback_timeout=ANSWER).values())
        except Exception as error:
            raise _explain("lost the scheduler", error, "start it again") from None

    def _submit(self, task: Task) -> Any:
        inputs = {name: self._send(content) for name, content in task.inputs.items()}
        arguments = (vars(task) | {"inputs": {}}, inputs, self._description)
        return self._client.submit(operator.call, self._run_task, *arguments, pure=False)

    def _send(self, content: Path | bytes) -> Any:
        """Sends a file to all workers, once, or bytes to one; returns a future."""
        if isinstance(content, bytes):
            return self._scatter(content)
        if content.stat().st_size > LARGEST:
            return content.resolve()
        if content not in self._sent:
            self._sent[content] = self._scatter(content.read_bytes(), broadcast=True)
        return self._sent[content]


def run_task(
    fields: Mapping[str, Any], inputs: Mapping[str, Any], client: Mapping[str, str]
) -> dict[str, bytes]:
    """Runs a task, given as its fields, on a worker, for a client with this description.

    Raises an InputError that names this worker if the task failed, or cannot run here.
    """
    from distributed import Reschedule, get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def check() -> None:
        task = worker.state.tasks.get(key)
        if not task or task.state != "executing" or worker.status.name in ("closing", "closed"):
            raise Reschedule

    task = replace(Task(**fields), inputs=inputs)
    try:
        for content in inputs.values():
            if isinstance(content, Path) and not content.exists():
                raise InputError(f"{content}: too large to send; put it on a shared disk")
        return run_process(task, worker.local_directory, check, lambda _: None, client)
    except (InputError, OSError) as error:
        raise InputError(f"{error} (worker {worker.address})") from None
