"""What happens to a cluster: workers and schedulers that end, other code, certificates."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.cluster.tasks import VARIABLE, Task, run_tasks
from stages.harness.errors import InputError
from tests.support.clone import ROOT
from tests.support.cluster import Cluster, hide_disk, is_running, read_pid, started, wait_until
from tests.support.workplace import check_refusal

pytest.importorskip("distributed", reason="install requirements-cluster.txt")
pytestmark = pytest.mark.nightly


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with started(tmp_path) as cluster:
        yield cluster


def copy_code(folder: Path) -> None:
    shutil.copytree(ROOT / "stages", folder / "stages")
    shutil.copytree(ROOT / "tests" / "cluster", folder / "tests" / "cluster")
    shutil.copy(ROOT / "pyproject.toml", folder)


def test_a_client_waits_for_a_worker_and_says_so_once(cluster: Cluster) -> None:
    with cluster.start_client(("number", "1"), ("number", "2")) as client:
        time.sleep(6)
        cluster.add_worker()
        printed, said = client.communicate(timeout=60)
    line = f"{cluster.address} has no worker: waiting for one"
    assert (client.returncode, said) == (0, "")
    assert printed.splitlines() == [line, "2 done"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_client_waits_when_all_workers_have_gone(
    number: signal.Signals, cluster: Cluster, tmp_path: Path
) -> None:
    worker = cluster.add_worker("--no-nanny")
    with cluster.start_client(("sleep", str(tmp_path / "pid"), "5")) as client:
        pid = read_pid(tmp_path / "pid")
        os.kill(worker.pid, number)
        wait_until(lambda: not is_running(pid), 10)
        time.sleep(3)
        cluster.add_worker("--no-nanny")
        printed, said = client.communicate(timeout=60)
    assert (client.returncode, said) == (0, "")
    assert printed.splitlines()[-1] == "1 done"
    assert "waiting" in printed.splitlines()[0]


def test_a_task_that_kills_its_workers_is_one_line(cluster: Cluster) -> None:
    cluster.add_worker("--nworkers", "2", "--nthreads", "1")
    status, _, said = cluster.run_client(("kill",))
    check_refusal(status, said, "python -m tests.cluster.job: each worker that ran it died")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_scheduler_that_ends_is_one_line(
    number: signal.Signals, cluster: Cluster, tmp_path: Path
) -> None:
    cluster.add_worker()
    with cluster.start_client(("sleep", str(tmp_path / "pid"), "60")) as client:
        pid = read_pid(tmp_path / "pid")
        os.kill(cluster.scheduler.pid, number)
        start = time.monotonic()
        _, said = client.communicate(timeout=60)
    check_refusal(client.returncode, said, cluster.address, "lost the scheduler")
    assert time.monotonic() - start < 20
    wait_until(lambda: not is_running(pid), 20)


def test_a_worker_with_other_code_is_one_line(cluster: Cluster, tmp_path: Path) -> None:
    copy_code(tmp_path / "clone")
    with (tmp_path / "clone" / "stages" / "train.py").open("a") as file:
        file.write("# a change\n")
    cluster.add_worker(cwd=tmp_path / "clone")
    status, _, said = cluster.run_client(("number", "1"))
    check_refusal(status, said, "worker tcp://", "other stages/train.py; check out the same")


def test_a_worker_that_joins_later_is_compared_too(cluster: Cluster, tmp_path: Path) -> None:
    cluster.add_worker("--nthreads", "1")
    (tmp_path / "empty").mkdir()
    jobs = [("sleep", str(tmp_path / str(number)), "4") for number in range(4)]
    with cluster.start_client(*jobs) as client:
        read_pid(tmp_path / "0")
        cluster.add_worker(cwd=tmp_path / "empty")
        _, said = client.communicate(timeout=60)
    check_refusal(client.returncode, said, "has no stages/cluster; start the worker in a clone")


@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="mounts a small disk, as root"
)
def test_a_full_disk_names_the_worker(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)])
    if mounted.returncode != 0:
        pytest.skip("may not mount")
    try:
        cluster.add_worker("--local-directory", str(disk))
        status, _, said = cluster.run_client(("fill", "2000000"))
        check_refusal(status, said, "No space left", "free some space", "(worker tcp://")
        (tmp_path / "large").write_bytes(bytes(2_000_000))
        task = Task("tests.cluster.job", (), {"large": tmp_path / "large"}, ())
        hide_disk(monkeypatch)
        monkeypatch.setenv(VARIABLE, cluster.address)
        with pytest.raises(InputError, match=r"No space left.*free some space.*\(worker tcp:"):
            list(run_tasks([task], total=1, unit="tasks"))
        assert not list(disk.rglob("*.part"))
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def certify(folder: Path) -> dict[str, str]:
    """Makes a certificate that only its holders trust; gives Dask's variables for it."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    what = f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {cert} -days 2"
    subprocess.run([*what.split(), "-subj", "/CN=digits"], check=True, capture_output=True)
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    roles = {f"{prefix}{role}__" for role in ("SCHEDULER", "WORKER", "CLIENT")}
    files = {f"{role}CERT": str(cert) for role in roles} | {
        f"{role}KEY": str(key) for role in roles
    }
    return {f"{prefix}CA_FILE": str(cert)} | files


def test_only_a_client_with_a_certificate_is_let_in(tmp_path: Path) -> None:
    ours, others = tmp_path / "ours", tmp_path / "others"
    ours.mkdir()
    others.mkdir()
    env = certify(ours)
    with started(tmp_path, env) as cluster:
        cluster.add_worker()
        assert cluster.address.startswith("tls://")
        status, printed, said = cluster.run_client(("number", "1"))
        assert (status, printed.splitlines()[-1], said) == (0, "1 done", "")
        nothing = dict.fromkeys(env, "")
        status, _, said = cluster.run_client(("number", "1"), **nothing)
        check_refusal(status, said, "this client has no certificate")
        status, _, said = cluster.run_client(("number", "1"), **certify(others))
        check_refusal(status, said, "no scheduler lets this client in")
        plain = {"DASK_SCHEDULER_ADDRESS": cluster.address.replace("tls", "tcp")}
        status, _, said = cluster.run_client(("number", "1"), **plain)
        check_refusal(status, said, "no scheduler lets this client in")
