"""A Dask cluster of real processes on this machine, and programs that use it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from stages.cluster.request import Request, prepare
from stages.cluster.tasks import Task
from tests.support.clone import ROOT

LOCAL = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
# Runs one task of tests/cluster/job.py after another, and prints their outputs.
CLIENT = """
import json, sys
from stages.cluster.tasks import Task, run_tasks
from stages.harness.errors import run
tasks = [Task("tests.cluster.job", tuple(words), {}, ()) for words in json.loads(sys.argv[1])]
run(lambda: print(len(list(run_tasks(tasks, total=len(tasks), unit="tasks"))), "done"))
"""


class Cluster:
    """A scheduler, and workers that are started one by one."""

    def __init__(self, folder: Path, stack: ExitStack, env: dict[str, str] | None = None) -> None:
        self.folder, self._stack = folder, stack
        self._env = os.environ | {"PYTHONPATH": str(ROOT)} | (env or {})
        file = folder / "scheduler.json"
        protocol = "tls" if env else "tcp"
        options = ["--port", "0", "--protocol", protocol, "--scheduler-file", str(file)]
        self.scheduler = self._start("scheduler", *options)
        wait_until(lambda: file.exists() and file.read_text().rstrip().endswith("}"), 20)
        self.address: str = json.loads(file.read_text())["address"]

    def _start(self, what: str, *options: str, cwd: Path = ROOT) -> subprocess.Popen[bytes]:
        log = self._stack.enter_context((self.folder / f"{what}.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", what, *options, *LOCAL],
            cwd=cwd,
            env=self._env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self._stack.callback(end, process)
        return process

    def add_worker(self, *options: str, cwd: Path = ROOT) -> subprocess.Popen[bytes]:
        """Starts a worker; it need not be there yet."""
        scratch = ["--local-directory", str(self.folder)]
        return self._start("worker", self.address, *scratch, *options, cwd=cwd)

    def start_client(self, *jobs: Sequence[str], **env: str) -> subprocess.Popen[str]:
        """Starts a program that runs tasks."""
        return subprocess.Popen(
            [sys.executable, "-c", CLIENT, json.dumps(jobs)],
            cwd=ROOT,
            env=self._env | {"DASK_SCHEDULER_ADDRESS": self.address} | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run_client(self, *jobs: Sequence[str], **env: str) -> tuple[int, str, str]:
        """Runs tasks; gives the exit status and what is printed to both outputs."""
        with self.start_client(*jobs, **env) as client:
            printed, said = client.communicate(timeout=90)
        return client.returncode, printed, said


@contextmanager
def started(folder: Path, env: dict[str, str] | None = None) -> Iterator[Cluster]:
    """Starts a scheduler, and ends it and its workers."""
    with ExitStack() as stack:
        yield Cluster(folder, stack, env)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kills a process of the cluster with those that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Waits for a condition, and fails if it does not come in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def read_pid(path: Path) -> int:
    """Waits for the file in which a task writes its process."""
    wait_until(lambda: path.exists() and path.read_text() != "", 30)
    return int(path.read_text())


def is_running(pid: int) -> bool:
    """Whether a process is there, and not only waits to be collected by its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def hide_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets workers find no file of this machine, as if they were on another."""
    from stages.cluster import engine

    def prepare_hidden(task: Task) -> Request:
        request = prepare(task)
        files = request.message["files"].items()
        request.message["files"] = {name: (file[0], "/nowhere", file[2]) for name, file in files}
        return request

    monkeypatch.setattr(engine, "prepare", prepare_hidden)
