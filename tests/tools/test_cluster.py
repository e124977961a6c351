"""`make cluster`: all of it starts, works for this machine only, and ends with Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from stages.cluster.tasks import VARIABLE, Task, run_tasks
from tests.support.clone import ROOT
from tests.support.cluster import wait_until

pytest.importorskip("distributed", reason="install requirements-cluster.txt")


@pytest.mark.nightly
def test_it_works_and_ends_with_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tools.cluster", "--port", str(port), "--workers", "2"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as cluster:
        assert cluster.stdout
        address = f"tcp://127.0.0.1:{port}"
        assert cluster.stdout.readline() == f"export {VARIABLE}={address}\n"
        monkeypatch.setenv(VARIABLE, address)
        tasks = [Task("tests.cluster.job", ("number", str(n)), {}, ("number",)) for n in range(4)]
        done = list(run_tasks(tasks, total=4, unit="tasks"))
        assert done == [{"number": str(n).encode()} for n in range(4)]
        processes = psutil.Process(cluster.pid).children(recursive=True)
        assert len(processes) >= 4
        listens = [end for one in processes for end in one.net_connections() if not end.raddr]
        assert {end.laddr.ip for end in listens if end.laddr} == {"127.0.0.1"}
        os.killpg(cluster.pid, signal.SIGINT)
        assert cluster.wait(20) == 130
    wait_until(lambda: not any(map(psutil.Process.is_running, processes)), 10)
