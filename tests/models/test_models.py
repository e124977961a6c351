"""Every model learns, saves what it learned, and depends on its seed and training rows alone."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.classifiers.saved import load, save_classifier
from stages.harness.errors import InputError
from tests.support.clone import run_python
from tests.support.small import SMALL, Data, create_small

pytestmark = pytest.mark.slow

# Measured: 0.760, 0.915, 0.935 and 0.910.
ACCURACY = {"mlp": 0.72, "cnn": 0.88, "svm": 0.91, "knn": 0.88}


@pytest.mark.parametrize("model", SMALL)
def test_the_saved_classifier_is_the_trained_one(
    parts: tuple[Data, Data], tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str
) -> None:
    """The curve is of the trained one, the probabilities are of the saved one."""
    train, (images, labels) = parts
    classifier = create_small(model)
    curve = classifier.fit(*train, (images, labels))
    save_classifier(classifier, model, tmp_path)
    probabilities = load(tmp_path).predict_proba(images)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    accuracy = (probabilities.argmax(axis=1) == labels).mean()
    assert accuracy > ACCURACY[model]
    epochs = SMALL[model].get("epochs", 1)
    assert list(curve["epoch"]) == list(range(1, epochs + 1))
    assert list(curve["validation_accuracy"])[-1] == pytest.approx(accuracy)
    loss = -np.log(probabilities[np.arange(200), labels]).mean()
    assert list(curve["validation_loss"])[-1] == pytest.approx(loss, abs=1e-5)
    out = capsys.readouterr().out
    assert out.count("validation loss ") == (epochs if epochs > 1 else 0)
    assert not set(out) & {"\r", "\x1b"}


def train_and_hash(model: str, folder: Path, train: Data, validation: Data, seed: int = 1) -> str:
    small: dict[str, Any] = {"mlp": {"epochs": 2}, "cnn": {"epochs": 2, "members": 2}}
    classifier = create_small(model, seed=seed, **small.get(model, {}))
    classifier.fit(*train, validation)
    save_classifier(classifier, model, folder)
    contents = [path.name.encode() + path.read_bytes() for path in sorted(folder.iterdir())]
    return sha256(b"".join(contents)).hexdigest()


@pytest.mark.parametrize("model", SMALL)
def test_validation_chooses_nothing(parts: tuple[Data, Data], tmp_path: Path, model: str) -> None:
    """Also: the same seed gives the same bytes, within one process."""
    train, (images, labels) = parts
    nonsense = (1 - images[::-1], np.roll(labels, 1))
    first = train_and_hash(model, tmp_path / "first", train, (images, labels))
    assert train_and_hash(model, tmp_path / "nonsense", train, nonsense) == first
    if model != "knn":  # which draws nothing at random
        assert train_and_hash(model, tmp_path / "seed", train, nonsense, seed=2) != first


TRAIN = """if True:
    from tempfile import TemporaryDirectory
    from stages.formats.prepared import to_images
    from tests.models.test_models import *
    from tests.support.samples import mnist
    images, labels = to_images(mnist()[0][:300]), mnist()[1][:300]
    parts = (images[:200], labels[:200]), (images[200:], labels[200:])
    with TemporaryDirectory() as folder:
        print("digests:", *(train_and_hash(model, Path(folder, model), *parts) for model in SMALL))
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux only")
def test_the_same_seed_gives_the_same_bytes() -> None:
    """In fresh processes, also on one core, where libraries start fewer threads."""
    available, digests = os.sched_getaffinity(0), []
    for cores in (1, 2):
        os.sched_setaffinity(0, sorted(available)[:cores])
        try:
            digests.append(run_python(TRAIN).stdout.partition("digests: ")[2].split())
        finally:
            os.sched_setaffinity(0, available)
    assert digests[0] == digests[1]
    assert len(digests[0]) == len(SMALL)


@pytest.mark.parametrize(
    ("cuda", "fix"), [(True, "install the driver of an NVIDIA GPU"), (False, "tensorflow-cpu")]
)
def test_a_gpu_that_is_not_there_is_refused(
    cuda: bool, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensorflow.test.is_built_with_cuda", lambda: cuda)
    with pytest.raises(InputError, match=f"train.device: gpu; TensorFlow finds no GPU: .*{fix}"):
        create_small("mlp", device="gpu")


@pytest.mark.parametrize("device", ["gpu", "cpu"])
def test_a_gpu_is_shared_or_hidden(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []
    config = "tensorflow.config"
    monkeypatch.setattr(f"{config}.list_physical_devices", lambda kind: [f"a {kind}"])
    monkeypatch.setattr(f"{config}.threading.set_intra_op_parallelism_threads", lambda _: None)
    monkeypatch.setattr(f"{config}.threading.set_inter_op_parallelism_threads", lambda _: None)
    for name in ("set_visible_devices", "experimental.set_memory_growth"):
        monkeypatch.setattr(
            f"{config}.{name}", lambda *words, name=name: calls.append((name, *words))
        )
    create_small("mlp", device=device)
    shared = ("experimental.set_memory_growth", "a GPU", True)
    assert calls == [shared if device == "gpu" else ("set_visible_devices", [], "GPU")]


@pytest.mark.parametrize(
    ("model", "changed", "complaint"),
    [
        ("svm", {"components": 201}, r"models\.svm\.components: 201; expected at most 200"),
        ("knn", {"cells": 2, "components": 33}, r"components: 33; .* at most 32.*32 features"),
        ("knn", {"neighbours": 200}, r"models\.knn\.neighbours: 200 of 200 training rows"),
        ("svm", {"folds": 20}, r"models\.svm\.folds: 20; .*class . has .* training rows"),
    ],
)
def test_parameters_that_need_more_rows_are_refused(
    parts: tuple[Data, Data], model: str, changed: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        create_small(model, **changed).fit(*parts[0], parts[1])


@pytest.mark.parametrize("model", ["svm", "knn"])
def test_images_that_are_all_alike_are_refused(parts: tuple[Data, Data], model: str) -> None:
    (images, labels), validation = parts
    with pytest.raises(InputError, match="all alike"):
        create_small(model).fit(np.zeros_like(images), labels, validation)


def test_what_an_image_is_too_small_for_is_refused() -> None:
    create_small("cnn", filters=[1] * 5)
    with pytest.raises(InputError, match=r"models\.cnn: Keras cannot build .*; change its layers"):
        create_small("cnn", filters=[1] * 6)
