"""A cluster changes no bit: members of an ensemble, and predictions of many images."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stages.classifiers.chunks import CHUNK, predict
from stages.classifiers.saved import FOLDS, name_folds, write_mean
from stages.cluster.tasks import VARIABLE
from stages.formats.prepared import to_images
from stages.harness import paths
from tests.support.clone import Clone
from tests.support.cluster import Cluster, started, wait_until
from tests.support.samples import mnist
from tests.training.conftest import SMALL, create_small

pytest.importorskip("distributed", reason="install requirements-cluster.txt")
pytestmark = pytest.mark.slow

OUTPUTS = (paths.MODEL, paths.METRICS, paths.SUBMISSION)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A worker of one thread, which a nanny starts again, and one of two threads."""
    with started(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.add_worker("--nthreads", "1")
        cluster.add_worker("--nthreads", "2")
        yield cluster


def run(clone: Clone, *stages: str) -> None:
    for stage in stages:
        clone.run(sys.executable, "-m", f"stages.{stage}")


def read_outputs(clone: Clone) -> dict[str, bytes]:
    """Reads all that the stages write which divide their work."""
    files = [file for path in OUTPUTS for file in (path, *(clone.folder / path).rglob("*"))]
    return {
        str(file): (clone.folder / file).read_bytes()
        for file in files
        if (clone.folder / file).is_file()
    }


def find_tasks() -> dict[int, int]:
    """The processes that train a member for a worker, and this worker's, from /proc."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"stages.cluster.child\0stages.train" in command:
            found[int(folder.name)] = parent
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_an_ensemble_has_the_same_bytes_when_a_worker_dies(clone: Clone, cluster: Cluster) -> None:
    clone.set("train.model", "cnn")
    for name, value in (SMALL["cnn"] | {"members": 2, "epochs": 1, "views": 2}).items():
        clone.set(f"models.cnn.{name}", value)
    run(clone, "train", "evaluate", "predict")
    expected = read_outputs(clone)
    clone.env |= {VARIABLE: cluster.address}
    with clone.start(sys.executable, "-m", "stages.train") as training:
        wait_until(lambda: bool(find_tasks()), 60)
        os.kill(next(iter(find_tasks().values())), signal.SIGKILL)
        printed, _ = training.communicate(timeout=120)
    assert training.returncode == 0, printed
    members = [line.partition(":")[0] for line in printed.splitlines() if line[:4] == "cnn_"]
    assert members == ["cnn_1", "cnn_2"]
    run(clone, "evaluate", "predict")
    assert read_outputs(clone) == expected
    assert not find_tasks()


@pytest.mark.parametrize("model", ["cnn", "svm"])
def test_folds_have_the_same_bytes(model: str, clone: Clone, cluster: Cluster) -> None:
    small = SMALL[model] | ({"members": 2, "epochs": 1} if model == "cnn" else {})
    changes = {f"models.{model}.{name}": value for name, value in small.items()}
    changes |= {"split.folds": 2, "train.model": model, "train.rows": 500}
    for name, value in changes.items():
        clone.set(name, value)
    run(clone, "split", "train")
    expected = read_outputs(clone)
    assert any(name.endswith("data/model/fold_2/train_rows.npy") for name in expected)
    clone.run("rm", "-r", "data/model")
    clone.env |= {VARIABLE: cluster.address}
    run(clone, "train")
    assert read_outputs(clone) == expected


@pytest.mark.parametrize("model", ["svm", "mlp"])
def test_many_images_have_the_same_probabilities(
    model: str, cluster: Cluster, in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, labels = mnist()
    images = to_images(pixels)
    classifier = create_small(model)
    classifier.fit(images[:400], labels[:400], (images[400:500], labels[400:500]))
    paths.MODEL.mkdir(parents=True)
    classifier.save(paths.MODEL)
    many = np.concatenate([images, images[::-1]])[: CHUNK + 777]
    expected = predict(paths.MODEL, many)
    monkeypatch.setenv(VARIABLE, cluster.address)
    np.testing.assert_array_equal(predict(paths.MODEL, many), expected)
    for name in name_folds(2):
        shutil.copytree(paths.MODEL, Path("mean", name))
    write_mean(Path("mean"), family=FOLDS, model=model, names=name_folds(2))
    np.testing.assert_array_equal(predict(Path("mean"), many), expected)


def test_work_that_does_not_divide_stays_here(
    clone: Clone,
) -> None:
    """No cluster is asked for a single network, or for fewer images than a chunk holds."""
    clone.env |= {VARIABLE: "tcp://127.0.0.1:1"}
    run(clone, "train", "evaluate")
    assert clone.changes() == ""
