"""A Dask cluster of real processes on this machine, and programs that use it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

from stages.parallel.tasks import VARIABLE
from tests.support.clone import ROOT

# Runs Python statements as tasks that return their input, and prints it.
CLIENT = """
import json, pathlib, sys
from stages.parallel import cluster, tasks
from stages.harness.errors import run
file, statements, settings = json.loads(sys.argv[1])
vars(cluster).update(settings)
todo = [tasks.Task("task", "timeit", ("-n1", "-r1", statement), {"in": pathlib.Path(file)}, ("in",))
        for statement in statements]
run(lambda: print(*tasks.run_tasks(todo, total=len(todo), unit="tasks"), sep="\\n"))
"""

LOCAL = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]


class Cluster:
    """A scheduler, and workers that are started later."""

    def __init__(self, folder: Path, stack: ExitStack, env: dict[str, str]) -> None:
        self.folder, self._stack, self._env = folder, stack, os.environ | env
        self.input = folder / "client" / "in"  # of each task
        self.input.parent.mkdir(parents=True)
        self.input.write_text("input")
        file, protocol = folder / "scheduler.json", "tls" if env else "tcp"
        options = ["--port", "0", "--protocol", protocol, "--scheduler-file", str(file)]
        self.scheduler = self._start("scheduler", *options)
        wait_until(lambda: file.exists() and file.read_text().rstrip().endswith("}"))
        self.address: str = json.loads(file.read_text())["address"]

    def _start(self, *dask: str, before: Sequence[str] = (), cwd: Path = ROOT) -> int:
        log = self._stack.enter_context((self.folder / "log").open("ab"))
        command = [*before, sys.executable, "-m", "dask", *dask, *LOCAL]
        process = subprocess.Popen(
            command, cwd=cwd, env=self._env, stdout=log, stderr=log, start_new_session=True
        )
        self._stack.callback(process.wait)
        self._stack.callback(os.killpg, process.pid, signal.SIGKILL)
        return process.pid

    def add_workers(self, number: int = 1, before: Sequence[str] = (), cwd: Path = ROOT) -> None:
        """Starts workers of one thread, and others when they die; they need not be there yet."""
        options = ["--nthreads", "1", "--nworkers", str(number), "--local-directory"]
        self._start("worker", self.address, *options, str(self.folder), before=before, cwd=cwd)

    def client(
        self, *statements: str, env: dict[str, str] | None = None, **settings: int
    ) -> AbstractContextManager[subprocess.Popen[str]]:
        """Starts a program that sends tasks to the cluster; see `started_client`."""
        variables = self._env | {VARIABLE: self.address} | (env or {})
        return started_client(self.input, *statements, env=variables, **settings)


@contextmanager
def started_client(
    file: Path, *statements: str, env: dict[str, str], **settings: int
) -> Iterator[subprocess.Popen[str]]:
    """Starts a program that runs tasks on a file, and kills it at the end."""
    arguments = json.dumps([str(file), statements, settings])
    command, pipe = [sys.executable, "-c", CLIENT, arguments], subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def started(folder: Path, env: dict[str, str] | None = None) -> Iterator[Cluster]:
    """Starts a scheduler; kills it and its workers at the end."""
    with ExitStack() as stack:
        yield Cluster(folder, stack, env or {})


def sleep(path: Path, seconds: int) -> str:
    """Returns a statement that writes its process and its worker's into a file, and sleeps."""
    write = f"open({str(path)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}}.')"
    return f"import os, time; {write}; time.sleep({seconds})"


def read_pids(path: Path) -> list[int]:
    """Waits for the file that `sleep` writes: a process and its worker's."""
    wait_until(lambda: path.exists() and path.read_text().endswith("."))
    return [int(word) for word in path.read_text().strip(".").split()]


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits to be collected by its parent."""
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    return True
