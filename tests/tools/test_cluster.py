"""`make cluster`: all of it starts, works for this machine only, and ends with Ctrl-C."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from stages.parallel.tasks import VARIABLE, Task, run_tasks
from tests.support.clone import ROOT
from tests.support.cluster import has_ended, wait_until

pytest.importorskip("distributed", reason="install the group cluster of pyproject.toml")


@pytest.mark.nightly
def test_it_works_and_ends_with_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
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
