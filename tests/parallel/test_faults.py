"""A cluster: workers and schedulers that end, other code, certificates, `make cluster`."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from stages.parallel.tasks import VARIABLE, Task, run_tasks
from tests.support.clone import ROOT, Clone
from tests.support.cluster import Cluster, has_ended, read_pids, sleep, started, wait_until
from tests.support.workplace import check_refusal

pytest.importorskip("distributed", reason="install the group cluster of pyproject.toml")
pytestmark = pytest.mark.nightly


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with started(tmp_path) as cluster:
        yield cluster


@pytest.fixture
def hidden(cluster: Cluster) -> list[str]:
    """The beginning of a command that does not see the client's files."""
    mount = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs x {cluster.input.parent} && "$@"']
    if subprocess.run([*mount, "sh", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("may not mount a disk")
    return [*mount, "sh"]


def check(cluster: Cluster, *expected: str, statement: str = "pass", **how: Any) -> None:
    with cluster.client(statement, **how) as client:
        _, said = client.communicate(timeout=120)
    check_refusal(client.returncode, said, *expected)


def test_a_client_waits_for_workers(cluster: Cluster, hidden: list[str], tmp_path: Path) -> None:
    line = f"{cluster.address} has no worker: waiting for one\n"
    with cluster.client(sleep(tmp_path / "a", 3), sleep(tmp_path / "b", 3)) as client:
        assert client.stdout
        assert client.stdout.readline() == line
        cluster.add_workers(before=hidden)
        pid, worker = read_pids(tmp_path / "a")
        os.kill(worker, signal.SIGKILL)  # the next one has none of the inputs
        printed, said = client.communicate(timeout=60)
    assert has_ended(pid)
    assert (printed.replace(line, "", 1), said) == (2 * "{'in': b'input'}\n", "")


def test_a_file_that_is_too_large_to_send_is_refused(cluster: Cluster, hidden: list[str]) -> None:
    cluster.add_workers(before=hidden)
    check(cluster, f"error: {cluster.input}: too large to send; put it on a shared disk", LARGEST=1)


def test_a_task_that_kills_its_workers_is_one_line(cluster: Cluster) -> None:
    cluster.add_workers(2)
    check(cluster, "a task cannot run (", statement="import os; os.kill(os.getppid(), 9)")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_a_scheduler_that_ends(number: signal.Signals, cluster: Cluster, tmp_path: Path) -> None:
    cluster.add_workers()
    with cluster.client(sleep(tmp_path / "pids", 60), ANSWER=5) as client:
        pid, _ = read_pids(tmp_path / "pids")
        os.kill(cluster.scheduler, number)
        _, said = client.communicate(timeout=60)
    check_refusal(client.returncode, said, cluster.address, "lost the scheduler")
    os.kill(cluster.scheduler, signal.SIGCONT)
    wait_until(lambda: has_ended(pid), 20)


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ("stages/train.py", "stages/train.py is "),
        ("tqdm-0.dist-info/METADATA", "tqdm is 0 on the worker and "),
        ("", "a task cannot run (ModuleNotFoundError: No module named 'stages')"),
    ],
)
def test_an_unlike_worker_is_one_line(
    changed: str, line: str, is_late: bool, cluster: Cluster, tmp_path: Path
) -> None:
    folder = tmp_path / "clone"
    folder.mkdir()
    if changed:
        Clone.of_project(folder)
        (folder / changed).parent.mkdir(exist_ok=True)
        with (folder / changed).open("a") as file:
            file.write("Name: tqdm\nVersion: 0\n" if "tqdm" in changed else "# a change\n")
    with cluster.client(*(sleep(tmp_path / name, 4) for name in "abcdef")) as client:
        if is_late:
            cluster.add_workers()
            read_pids(tmp_path / "a")
        cluster.add_workers(cwd=folder)
        _, said = client.communicate(timeout=60)
    check_refusal(client.returncode, said, line)


def certify(folder: Path) -> dict[str, str]:
    """Makes a certificate that only its holders trust; returns Dask's variables for it."""
    folder.mkdir()
    make = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout cluster.key"
    script = f"{make} -out cluster.crt 2> log && . {ROOT}/docs/tls.sh && env | grep ^DASK_D"
    lines = subprocess.run(["sh", "-c", script], cwd=folder, check=True, capture_output=True).stdout
    return dict(line.split("=", 1) for line in lines.decode().splitlines())


def test_only_a_client_with_a_certificate_is_let_in(tmp_path: Path) -> None:
    env = certify(tmp_path / "ours")
    with started(tmp_path, env) as cluster:
        cluster.add_workers()
        with cluster.client("pass") as client:
            assert client.communicate(timeout=60)[1] == ""
        nothing = dict.fromkeys(env, "")
        plain = nothing | {VARIABLE: cluster.address.replace("tls", "tcp")}
        for wrong in (nothing, plain, certify(tmp_path / "others")):
            check(cluster, "cannot connect (", env=wrong)


def test_make_cluster_is_local_and_ends_with_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it starts, and works for this machine only."""
    command = [sys.executable, "-m", "tools.cluster", "--port", "8976", "--workers", "2"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as cluster:
        try:
            assert cluster.stdout
            assert cluster.stdout.readline() == f"export {VARIABLE}=tcp://127.0.0.1:8976\n"
            monkeypatch.setenv(VARIABLE, "tcp://127.0.0.1:8976")
            task = Task("task", "this", (), {"file": b"here"}, ("file",))
            assert list(run_tasks([task], total=1, unit="tasks")) == [{"file": b"here"}]
            processes = psutil.Process(cluster.pid).children(recursive=True)
            ends = [end for one in processes for end in one.net_connections() if not end.raddr]
            assert {end.laddr.ip for end in ends if end.laddr} == {"127.0.0.1"}
        finally:
            os.killpg(cluster.pid, signal.SIGINT)
        assert cluster.wait(20) == 130
    wait_until(lambda: all(has_ended(one.pid) for one in processes), 10)
