"""Tasks on the cores of this machine: in order, all of the cores, and no process is left."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from stages.harness import paths
from stages.harness.errors import InputError
from stages.harness.provenance import hash_files
from stages.parallel.machine import MEMORY, count_processes
from stages.parallel.tasks import Task, run_tasks
from tests.support.clone import Clone, environment, set_params
from tests.support.cluster import has_ended, read_pids, sleep, started_client, wait_until
from tests.support.small import SMALL

pytestmark = pytest.mark.slow


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.parallel.machine.count_processes", lambda: 2)


@pytest.mark.usefixtures("two_cores")
def test_outputs_come_in_order() -> None:
    contents = [{"in": str(number).encode()} for number in range(4)]
    todo = [Task("a", "this", (), content, ("in",)) for content in contents]
    assert list(run_tasks(todo, total=4, unit="tasks")) == contents


@pytest.mark.usefixtures("two_cores")
def test_the_first_that_fails_is_named_and_ends_the_others(tmp_path: Path) -> None:
    file, start = tmp_path / "pids", time.monotonic()
    wait = f"import pathlib; file = pathlib.Path({str(file)!r})"
    bug = [wait, "while not (file.exists() and file.read_text().endswith('.')): pass", "bug"]
    todo = [
        Task(f"number {i}", "timeit", ("-n1", "-r1", *lines), {}, ())
        for i, lines in enumerate(([sleep(file, 100)], bug))
    ]
    with pytest.raises(InputError, match=r"^number 1: NameError: .* not defined; see above$"):
        list(run_tasks(todo, total=2, unit="tasks"))
    assert time.monotonic() - start < 60
    assert has_ended(read_pids(file)[0])


def test_a_line_that_cannot_be_shown_ends_its_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: object) -> None:
        raise OSError("closed")

    monkeypatch.setattr("tqdm.tqdm.write", write)
    lines = [sleep(tmp_path / "pids", 0), "print(1, flush=True)", "time.sleep(100)"]
    todo = [Task("a", "timeit", ("-n1", "-r1", *lines), {}, ())]
    with pytest.raises(OSError, match="closed"):
        list(run_tasks(todo, total=1, unit="tasks"))
    assert has_ended(read_pids(tmp_path / "pids")[0])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_client_that_ends_leaves_no_process(number: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "in").touch()
    statements = [sleep(tmp_path / name, 60) for name in "ab"]
    with started_client(tmp_path / "in", *statements, env=environment()) as client:
        pid, _ = read_pids(tmp_path / "a")
        client.send_signal(number)
        _, said = client.communicate(timeout=10)
    assert said == ("stopped: run it again to finish\n" if number == signal.SIGINT else "")
    wait_until(lambda: has_ended(pid), 10)


def test_cores_and_memory_say_how_many_run_at_a_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert 1 <= count_processes() <= (os.cpu_count() or 1)
    monkeypatch.setattr("joblib.cpu_count", lambda: 8)
    monkeypatch.setattr("stages.parallel.machine.LIMIT", tmp_path / "limit")
    memory = psutil.virtual_memory()
    for free, limit, expected in ((100, "max", 8), (3, "max", 3), (0.5, "max", 1), (9, MEMORY, 1)):
        (tmp_path / "limit").write_text(f"{limit}\n")
        now = memory._replace(available=int(free * MEMORY))
        monkeypatch.setattr("psutil.virtual_memory", lambda now=now: now)
        assert count_processes() == expected


def test_one_process_and_two_train_the_same_bytes(clone: Clone) -> None:
    small = {f"models.{model}.{name}": v for model in SMALL for name, v in SMALL[model].items()}
    committee = {"train.model": "cnn", "train.partner": "svm"}
    members = {"models.cnn.members": 2, "models.cnn.epochs": 1}
    set_params(clone.folder / "params.yaml", small | committee | members)
    clone.run("python", "-m", "stages.split")
    found = []
    for count in ("1", "2"):
        clone.env |= {"LOKY_MAX_CPU_COUNT": count}
        printed = clone.run("python", "-m", "stages.train")
        assert "cnn_2, epoch 1/1: loss " in printed
        found.append(hash_files([clone.folder / paths.MODEL]))
    assert found[0] == found[1]
