"""Tasks on a real cluster: what comes back, in which order, and in which words it fails."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.cluster.tasks import VARIABLE, Task, address, run_tasks
from stages.harness.errors import InputError
from tests.support.cluster import (
    Cluster,
    hide_disk,
    is_running,
    read_pid,
    started,
    wait_until,
)
from tests.support.workplace import check_refusal

pytest.importorskip("distributed", reason="install requirements-cluster.txt")
pytestmark = pytest.mark.slow
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A worker of one thread, which a nanny starts again, and one of two threads without."""
    with started(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.add_worker("--nthreads", "1")
        cluster.add_worker("--nthreads", "2", "--no-nanny")
        yield cluster


@pytest.fixture
def at(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """The cluster, with its address in this process' environment."""
    monkeypatch.setenv(VARIABLE, cluster.address)
    return cluster


def job(*words: str, outputs: tuple[str, ...] = (), **inputs: Path | bytes) -> Task:
    files = {"in/file" if name == "file" else name: value for name, value in inputs.items()}
    return Task("tests.cluster.job", words, files, outputs)


def run_one(task: Task) -> dict[str, bytes]:
    (outputs,) = run_tasks([task], total=1, unit="tasks")
    return outputs


def test_outputs_come_in_order_and_tasks_are_read_as_they_are_needed(at: Cluster) -> None:
    read = []

    def numbers() -> Iterator[Task]:
        for number in range(12):
            read.append(number)
            yield job("number", str(number), outputs=("number",))

    for number, outputs in enumerate(run_tasks(numbers(), total=12, unit="tasks")):
        assert outputs == {"number": str(number).encode()}
        assert len(read) <= number + 1 + 6


@pytest.mark.parametrize("is_shared", [True, False])
def test_inputs_reach_the_task(
    is_shared: bool, at: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_shared:
        hide_disk(monkeypatch)
        monkeypatch.setattr("stages.cluster.engine.PIECE", 1000)
    file = tmp_path / "a file"
    file.write_bytes(os.urandom(4500))
    task = job("copy", file=file, text=b"text", outputs=("out/copy",))
    for outputs in run_tasks([task] * 4, total=4, unit="tasks"):
        assert outputs == {"out/copy": file.read_bytes() + b"text"}
    sent = [path for path in at.folder.rglob("inputs/*") if path.stat().st_size == 4500]
    assert bool(sent) != is_shared
    assert not [*at.folder.rglob("*.part"), *at.folder.rglob("task-*")]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("refuse", r"params\.yaml: epochs is -1, expected 1 or more; set it \(worker tcp:.*\)"),
        (
            "bug",
            r"python -m tests\.cluster\.job bug: ended with status 1: ZeroDivisionError: a bug",
        ),
        (
            "die",
            r"python -m tests\.cluster\.job die: killed by signal 9 \(Killed\); is memory",
        ),
        ("nothing", "number: the task ended without writing it"),
    ],
)
def test_a_task_that_fails_is_one_line(words: str, line: str, at: Cluster) -> None:
    with pytest.raises(InputError, match=f"^{line}"):
        run_one(job(words, outputs=("number",)))


def test_large_contents_travel_without_a_warning(at: Cluster) -> None:
    content = os.urandom(20_000_000)
    assert run_one(job("nothing", large=content, outputs=("large",))) == {"large": content}


@linux
def test_a_worker_that_is_killed_in_a_task_is_not_noticed(cluster: Cluster, tmp_path: Path) -> None:
    files = [tmp_path / "first", tmp_path / "second"]
    with cluster.start_client(*(("sleep", str(file), "3") for file in files)) as client:
        pids = [read_pid(file) for file in files]
        workers = {pid: int(Path(f"/proc/{pid}/stat").read_text().split()[3]) for pid in pids}
        commands = {pid: Path(f"/proc/{workers[pid]}/cmdline").read_bytes() for pid in pids}
        pid = next(pid for pid in pids if b"spawn" in commands[pid])  # a nanny's, which comes back
        os.kill(workers[pid], signal.SIGKILL)
        printed, said = client.communicate(timeout=60)
    assert (client.returncode, printed, said) == (0, "2 done\n", "")
    assert not is_running(pid)


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_client_that_ends_leaves_no_process_and_no_file(
    number: signal.Signals, cluster: Cluster, tmp_path: Path
) -> None:
    with cluster.start_client(("sleep", str(tmp_path / "pid"), "60")) as client:
        pid = read_pid(tmp_path / "pid")
        client.send_signal(number)
        _, said = client.communicate(timeout=10)
    assert said == ("stopped: run it again to finish\n" if number == signal.SIGINT else "")
    wait_until(lambda: not is_running(pid), 10)
    wait_until(lambda: not [*cluster.folder.rglob("task-*")], 10)


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("nonsense", "is 'nonsense', expected tcp://host:port"),
        ("http://localhost:1", "is 'http://localhost:1', expected tcp://host:port"),
        ("tcp://127.0.0.1:99999", "is tcp://127.0.0.1:99999: no scheduler lets this client in"),
        ("tls://127.0.0.1:1", "is tls://127.0.0.1:1, and this client has no certificate; set"),
    ],
)
def test_an_address_that_cannot_be_is_one_line(
    where: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stages.cluster.engine.TIMEOUT", 1)
    monkeypatch.setenv(VARIABLE, where)
    with pytest.raises(InputError, match=f"^DASK_SCHEDULER_ADDRESS {re.escape(line)}"):
        run_one(job("number", "1"))


def test_an_address_without_a_scheduler_is_one_line(cluster: Cluster) -> None:
    nobody = {VARIABLE: "tcp://127.0.0.1:1"}
    status, _, said = cluster.run_client(("number", "1"), **nobody)
    check_refusal(status, said, f"{VARIABLE} is tcp://127.0.0.1:1: no scheduler lets this client")


def test_a_server_that_is_no_scheduler_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.cluster.engine.TIMEOUT", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv(VARIABLE, "tcp://{}:{}".format(*silent.getsockname()))
        with pytest.raises(InputError, match="no scheduler lets this client in"):
            run_one(job("number", "1"))


def test_without_the_package_the_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "tcp://127.0.0.1:1")

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"install requirements-cluster\.txt"):
        run_one(job("number", "1"))


def test_without_the_variable_nothing_of_dask_is_imported() -> None:
    code = (
        "import sys; from stages.cluster.tasks import address; "
        "print(address(), sys.modules.keys() & {'dask', 'distributed'})"
    )
    env = {name: value for name, value in os.environ.items() if name != VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "None set()\n"


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, " ")
    assert address() is None
