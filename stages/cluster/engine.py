"""The engine of `tasks`: Dask. No other module knows it."""

import asyncio
import functools
import inspect
import logging
import queue
import re
import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import dask
from distributed import Client, KilledWorker, Security, get_worker
from distributed.comm import connect

from stages.cluster import remote
from stages.cluster.description import compare
from stages.cluster.remote import PIECE, Place, describe_place, receive, run_task
from stages.cluster.request import Request, describe_here, prepare
from stages.cluster.tasks import VARIABLE, Task
from stages.harness.errors import InputError
from stages.harness.progress import Progress

ADDRESS = re.compile(r"(tcp|tls)://[^/\s]+:\d{1,5}")
TIMEOUT = 4  # seconds, for the scheduler to answer
CONFIG = {
    "distributed.comm.timeouts.connect": f"{TIMEOUT}s",
    "distributed.admin.large-graph-warning-threshold": "1TB",  # the bytes of a task are known
}


# On the worker: these four, and `remote`, travel as source.


def _place(worker: Any, key: str) -> Place:
    def released() -> bool:
        task = worker.state.tasks.get(key)
        gone = task is None or task.state in ("cancelled", "released", "forgotten")
        return gone or worker.status.name in ("closing", "closed", "failed")

    memory = vars(worker).setdefault("stages_cluster", {})
    return Place(worker.address, Path(worker.local_directory), memory, released)


def _run_there(key: str, request: Mapping[str, Any]) -> dict[str, Any]:
    return run_task(_place(get_worker(), key), request)


async def _describe_there(dask_worker: Any) -> dict[str, Any]:
    return await asyncio.to_thread(describe_place, _place(dask_worker, ""))


async def _receive_there(key: str, *arguments: Any, dask_worker: Any) -> dict[str, Any]:
    return await asyncio.to_thread(receive, _place(dask_worker, key), key, *arguments)


class Travelling:
    """A function for a worker: unpickled there, it is made from its source.

    Pickled by value, it would be bytecode, which crashes another version of Python.
    """

    parts: tuple[Any, ...] = (remote, _place, _run_there, _describe_there, _receive_there)
    source = "\n".join(
        ["import asyncio\nfrom distributed import get_worker", *map(inspect.getsource, parts)]
    )

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = function.__name__

    def __call__(self) -> None:
        """Dask asks for a function; this one runs there only."""

    def __reduce__(self) -> tuple[Any, ...]:
        names = {"__name__": "remote", "source": self.source}
        return eval, (f"exec(source) or {self._name}", names)


def run_tasks(
    address: str, tasks: Iterable[Task], total: int, unit: str
) -> Iterator[dict[str, bytes]]:
    """Runs tasks; see `stages.cluster.tasks.run_tasks`."""
    with _connect(address) as client, Progress(total, unit) as bar:
        yield from Run(client, address, bar).results(iter(tasks), total)


@contextmanager
def _connect(address: str) -> Iterator[Client]:
    """Connects to a scheduler; closing makes its workers stop what they do for this client."""
    _check_address(address)
    for name in ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio"):
        logging.getLogger(name).handlers = [logging.NullHandler()]  # errors are said in one line
    with dask.config.set(CONFIG):
        try:
            asyncio.run(_greet(address))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of other versions: workers are compared here
                client = Client(address, timeout=TIMEOUT, set_as_default=False)
        except Exception as error:
            raise InputError(
                f"{VARIABLE} is {address}: no scheduler lets this client in there "
                f"({_name(error)}); start one, set the certificates that tls:// needs, or unset "
                "the variable"
            ) from None
        try:
            yield client
        finally:
            with suppress(Exception):
                client.close(timeout=TIMEOUT)


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error!s:.200}".removesuffix(": ")


async def _greet(address: str) -> None:
    """Asks the scheduler for a word; `Client` would wait forever for another kind of server."""
    async with asyncio.timeout(TIMEOUT):
        arguments = Security().get_connection_args("client")
        comm = await connect(address, timeout=TIMEOUT, **arguments)
        await comm.write({"op": "identity", "reply": True})
        await comm.read()
        comm.abort()


def _check_address(address: str) -> None:
    if not ADDRESS.fullmatch(address):
        raise InputError(
            f"{VARIABLE} is {address!r}, expected tcp://host:port or tls://host:port; "
            "set it to the address that the scheduler prints, or unset it"
        )
    try:
        has_certificates = Security().get_connection_args("client").get("ssl_context")
    except OSError as error:
        raise InputError(f"Dask's TLS certificates: {error}; set their paths") from None
    if address.startswith("tls:") and not has_certificates:
        raise InputError(
            f"{VARIABLE} is {address}, and this client has no certificate; set "
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ...__CLIENT__CERT and ...__CLIENT__KEY"
        )


@dataclass(eq=False)
class Job:
    """A task on its way."""

    request: Request
    key: str = ""  # of its latest future
    future: Any = None
    outputs: dict[str, bytes] | None = None


class Run:
    """The tasks of one client."""

    def __init__(self, client: Client, address: str, bar: Progress) -> None:
        self._client, self._address, self._bar = client, address, bar
        self._ended: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._description = describe_here()
        self._has_waited = False

    def results(self, tasks: Iterator[Task], left: int) -> Iterator[dict[str, bytes]]:
        """Gives the outputs of the tasks in their order."""
        jobs: deque[Job] = deque()
        self._check_workers()
        while True:
            window = 2 * sum(self._list_workers().values())
            new = [Job(prepare(task)) for task in islice(tasks, max(0, window - len(jobs)))]
            for job in new:
                self._submit(job)
            jobs.extend(new)
            if not left or (window and not jobs):
                return
            with suppress(queue.Empty):  # look after the workers meanwhile
                self._settle(self._ended.get(timeout=1))
            while jobs and jobs[0].outputs is not None:
                left -= 1
                yield jobs.popleft().outputs or {}

    def _ask(self, method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Calls a method of Dask that asks the scheduler."""
        try:
            return method(*arguments, **options)
        except Exception as error:
            raise self._lost(_name(error)) from None

    def _lost(self, why: str) -> InputError:
        return InputError(f"{self._address}: lost the scheduler ({why}); run it again")

    def _list_workers(self) -> dict[str, int]:
        """Gives each worker's number of threads; says once that there is none."""
        workers: dict[str, int] = self._ask(self._client.nthreads)
        if not workers and not self._has_waited:
            self._has_waited = True
            self._bar.say(f"{self._address} has no worker: waiting for one")
        return workers

    def _check_workers(self) -> None:
        """Compares the workers that are there with this machine, before any work is done."""
        for reply in self._call_there(_describe_there):
            compare(reply["worker"], self._description, reply["description"])

    def _call_there(self, function: Callable[..., Any], *args: Any, **options: Any) -> list[Any]:
        """Calls a function on workers, beside their tasks; leaves out those that have gone."""
        call = Travelling(function)
        replies = self._ask(self._client.run, call, *args, on_error="return", **options)
        for reply in replies.values():
            _check_error(reply)
        return [reply for reply in replies.values() if not isinstance(reply, OSError)]

    def _submit(self, job: Job, **preference: Any) -> None:
        job.key = key = f"{job.request.message['module']}-{uuid.uuid4()}"
        call = Travelling(_run_there)
        job.future = self._ask(
            self._client.submit, call, key, job.request.message, key=key, **preference
        )
        job.future.add_done_callback(lambda _: self._ended.put(job))

    def _settle(self, job: Job) -> None:
        """Takes a task's reply; submits the task again if it could not be done there."""
        reply = self._result(job)
        _check_error(reply)
        if "outputs" in reply:
            job.outputs, job.future = reply["outputs"], None
            job.request.message["contents"] = {}  # frees the chunk
            self._bar.update()
        elif "missing" in reply:
            for digest in reply["missing"]:
                self._send(job.request.files[digest], digest, reply["worker"], job.key)
            self._submit(job, workers=[reply["worker"]], allow_other_workers=True)
        elif "description" in reply:
            compare(reply["worker"], self._description, reply["description"])
        else:  # released by a worker that is ending
            self._submit(job)

    def _result(self, job: Job) -> dict[str, Any]:
        try:
            return dict(job.future.result())
        except KilledWorker as error:
            name = f"python -m {job.request.message['module']}"
            raise InputError(
                f"{name}: each worker that ran it died, the last was {error.last_worker.address}; "
                "look for the cause, such as memory, in its log"
            ) from None
        except Exception as error:
            if job.future.status == "error":
                raise _unlike(error) from None
            raise self._lost(f"task {job.future.status}") from None

    def _send(self, path: Path, digest: str, worker: str, key: str) -> None:
        """Sends a file to a worker in pieces, unless it has it or is gone."""

        def send(piece: bytes, last: bool) -> bool:
            arguments = (key, digest, piece, last)
            replies = self._call_there(_receive_there, *arguments, workers=[worker])
            return any(reply["wanted"] for reply in replies)

        with path.open("rb") as file:
            pieces = chain([b""], iter(functools.partial(file.read, PIECE), b""))
            if all(send(piece, False) for piece in pieces):
                send(b"", True)


def _check_error(reply: Mapping[str, Any] | Exception) -> None:
    """Raises an error for a reply that is one; an OSError is a worker that has gone."""
    if isinstance(reply, Mapping):
        if "error" in reply:
            raise InputError(f"{reply['error']} (worker {reply['worker']})")
    elif not isinstance(reply, OSError):
        raise _unlike(reply)


def _unlike(error: Exception) -> InputError:
    return InputError(
        f"a worker cannot run a task ({_name(error)}); look into its log, and install the same "
        "requirements*.txt there"
    )
