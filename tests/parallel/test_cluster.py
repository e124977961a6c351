"""Tasks on a real cluster: the same bytes, in order, or one line; and no process is left."""

import os
import re
import signal
import socket
import sys
from collections.abc import Iterator
from operator import length_hint
from pathlib import Path

import numpy as np
import psutil
import pytest

from stages.classifiers.chunks import count_chunk, predict
from stages.formats.task import DIGITS
from stages.harness import paths
from stages.harness.errors import InputError
from stages.harness.provenance import hash_files
from stages.parallel import cluster as cluster_module
from stages.parallel.tasks import VARIABLE, Task, run_tasks
from tests.support.clone import Clone, run_python
from tests.support.cluster import Cluster, has_ended, read_pids, sleep, started, wait_until
from tests.support.small import SMALL
from tests.support.workplace import Workplace, check_refusal

pytest.importorskip("distributed", reason="install the group cluster of pyproject.toml")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers; this process sends its tasks there."""
    folder = tmp_path_factory.mktemp("cluster")
    with started(folder) as cluster, pytest.MonkeyPatch.context() as patch:
        cluster.add_workers(2)
        patch.setenv(VARIABLE, cluster.address)
        yield cluster


def run_one(module: str, *words: str, **inputs: Path | bytes) -> dict[str, bytes]:
    (outputs,) = run_tasks([Task("task", module, words, inputs, (".",))], total=1, unit="tasks")
    return outputs


def test_outputs_come_in_order_and_tasks_are_read_as_they_are_needed(cluster: Cluster) -> None:
    numbers = iter(range(8))
    todo = (Task("task", "this", (), {"in": str(number).encode()}, ("in",)) for number in numbers)
    for number, outputs in enumerate(run_tasks(todo, total=8, unit="tasks")):
        assert outputs == {"in": str(number).encode()}
        assert 8 - length_hint(numbers) <= number + 1 + 4


def test_a_large_file_is_read_from_a_shared_disk_and_a_folder_is_returned(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "LARGEST", 10)
    (tmp_path / "in").write_bytes(bytes(100))
    files: dict[str, Path | bytes] = {"large": tmp_path / "in", "folder/small": b""}
    assert run_one("this", **files) == {"large": bytes(100), "folder/small": b""}


def test_many_images_have_the_same_probabilities(
    cluster: Cluster, with_classifier: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = count_chunk(DIGITS.shape) + 777
    images = np.random.default_rng(0).random((count, *DIGITS.shape), np.float32)
    found = predict(paths.MODEL, images)
    monkeypatch.delenv(VARIABLE)
    np.testing.assert_array_equal(predict(paths.MODEL, images), found)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["stages.split"], "task: data/prepared/train_labels.npy: No such file or directory; run "),
        (["timeit", "bug"], "task: NameError: name 'bug' is not defined; see "),
        (
            ["timeit", "import os; os.kill(os.getpid(), 9)"],
            "task: killed by signal 9, perhaps for lack of memory: ",
        ),
    ],
)
def test_a_task_that_fails_is_one_line(words: list[str], line: str, cluster: Cluster) -> None:
    with pytest.raises(InputError, match=rf"^{re.escape(line)}.*worker tcp://127.*\)$"):
        run_one(*words)


def test_a_worker_that_is_killed_in_a_task_is_not_noticed(cluster: Cluster, tmp_path: Path) -> None:
    with cluster.client(sleep(tmp_path / "a", 3), sleep(tmp_path / "b", 3)) as client:
        pid, worker = read_pids(tmp_path / "a")
        os.kill(worker, signal.SIGKILL)
        assert client.communicate(timeout=60) == (2 * "{'in': b'input'}\n", "")
    assert has_ended(pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_client_that_ends_leaves_no_process_and_no_file(
    number: signal.Signals, cluster: Cluster, tmp_path: Path
) -> None:
    with cluster.client(sleep(tmp_path / "pids", 60)) as client:
        pid, _ = read_pids(tmp_path / "pids")
        client.send_signal(number)
        _, said = client.communicate(timeout=10)
    assert said == ("stopped: run it again to finish\n" if number == signal.SIGINT else "")
    wait_until(lambda: has_ended(pid) and not [*cluster.folder.rglob("worker-*/tmp*")], 10)


@pytest.mark.parametrize("what", ["nonsense", "tls://127.0.0.1:1", "nobody", "silent", "frozen"])
def test_an_address_without_a_scheduler_is_one_line(what: str, cluster: Cluster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        places = {"nobody": "tcp://127.0.0.1:1", "frozen": cluster.address}
        places["silent"] = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        address = places.get(what, what)
        os.kill(cluster.scheduler, signal.SIGSTOP)
        try:
            with cluster.client("pass", env={VARIABLE: address}) as client:
                check_refusal(client.wait(60), client.communicate()[1], address, "cannot connect (")
        finally:
            os.kill(cluster.scheduler, signal.SIGCONT)


def test_without_the_package_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"cannot connect \(ModuleNotFoundError: .* distributed"):
        run_one("this")


def test_without_the_variable_nothing_of_dask_is_imported() -> None:
    code = "import sys, stages.parallel.tasks; print(sys.modules.keys() & {'dask', 'distributed'})"
    assert run_python(code).stdout == "set()\n"


def find_tasks(folder: Path) -> list[psutil.Process]:
    """Finds the processes of tasks, by the folder of their workers."""
    found = [(one, one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    return [one for one, words in found if f"stages.parallel.process {folder}" in " ".join(words)]


@pytest.mark.parametrize(
    ("model", "folds", "workers"),
    [
        ("cnn", 1, 2),
        ("svm", 2, 2),
        *(pytest.param("cnn", *at, marks=pytest.mark.nightly) for at in [(1, 1), (1, 4), (2, 2)]),
    ],
)
def test_training_has_the_same_bytes_when_a_worker_dies(
    model: str, folds: int, workers: int, clone: Clone, tmp_path: Path
) -> None:
    small = SMALL[model] | ({"members": 2, "epochs": 1} if model == "cnn" else {})
    changes = {f"models.{model}.{name}": value for name, value in small.items()}
    for name, value in (changes | {"train.model": model, "split.folds": folds}).items():
        clone.set(name, value)
    for stage in ("split", "train"):
        clone.run("python", "-m", f"stages.{stage}")
    expected = hash_files([clone.folder / paths.MODEL])
    with started(tmp_path / "cluster") as cluster:
        cluster.add_workers(workers)
        clone.env |= {VARIABLE: cluster.address}
        with clone.start("python", "-m", "stages.train") as training:
            wait_until(lambda: find_tasks(cluster.folder))
            os.kill(find_tasks(cluster.folder)[0].ppid(), signal.SIGKILL)
            printed, _ = training.communicate(timeout=180)
        assert training.returncode == 0, printed
        assert hash_files([clone.folder / paths.MODEL]) == expected
        assert not find_tasks(cluster.folder)
