"""The saved classifier: data that is checked, loaded without TensorFlow, and runs no code."""

import json
import pickle
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from stages.classifier import MANIFEST, load, write_manifest
from stages.errors import InputError
from tests.clone import ROOT
from tests.conftest import Run

STAGES = [
    "fetch_digits",
    "fetch_kaggle",
    "fetch_mnist",
    "preprocess",
    "split",
    "evaluate",
    "predict",
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network as `train` saves it."""
    from stages.networks import new_mlp

    folder = tmp_path_factory.mktemp("saved")
    untrained = new_mlp(
        hidden_units=[8], learning_rate=0.001, batch_size=32, epochs=1, threads=1, seed=0
    )
    untrained.save(folder)
    return folder


@pytest.fixture
def model(saved: Path, tmp_path: Path) -> Path:
    """A copy of it, to spoil."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


def test_probabilities_are_probabilities(model: Path) -> None:
    images = np.random.default_rng(0).random((1201, 28, 28, 1), np.float32)
    probabilities = load(model).predict_proba(images)
    assert probabilities.shape == (1201, 10)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    # An image's result does not depend on its place in a batch.
    np.testing.assert_allclose(
        load(model).predict_proba(images[700:703]), probabilities[700:703], atol=1e-7
    )


@pytest.mark.parametrize("name", ["model.tflite", "model.weights.h5"])
def test_a_changed_file_is_refused(model: Path, name: str) -> None:
    content = bytearray((model / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model / name).write_bytes(content)
    with pytest.raises(InputError, match=f"{name}: not the file that was trained"):
        load(model)


def test_a_missing_file_is_named(model: Path) -> None:
    (model / "model.tflite").unlink()
    with pytest.raises(OSError, match=r"model\.tflite"):
        load(model)


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("evil"),))


@pytest.mark.parametrize("content", [b"", b"TFL3", bytes(1000), pickle.dumps(Evil())])
def test_what_is_no_flatbuffer_is_refused(model: Path, content: bytes, in_tmp: Path) -> None:
    (model / MANIFEST).unlink()
    (model / "model.tflite").write_bytes(content)
    write_manifest(model, family="network", model="mlp")
    with pytest.raises(InputError, match=r"model\.tflite: not a LiteRT model"):
        load(model)
    assert not (in_tmp / "evil").exists()


def test_a_network_of_another_form_is_refused(model: Path) -> None:
    from stages.backend import keras, tf

    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
    other = tf.lite.TFLiteConverter.from_keras_model(keras.Sequential(layers)).convert()
    (model / MANIFEST).unlink()
    (model / "model.tflite").write_bytes(other)
    write_manifest(model, family="network", model="mlp")
    with pytest.raises(InputError, match=r"takes and gives .*8, 8, 1.*expected .*28, 28, 1"):
        load(model)


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        "{}",
        '"network"',
        '{"family": "network", "sha256": {"model.tflite": "0"}}',
        "\x80",
        '{"family": "network"}',
        '{"family": "network", "sha256": 7}',
        '{"family": "pickle", "sha256": {}}',
        '{"family": ["network"], "sha256": {}}',
        '{"family": "network", "sha256": {"../secret": "0"}}',
        '{"family": "network", "sha256": {"/etc/hostname": "0"}}',
        '{"family": "network", "sha256": {}}',
    ],
)
def test_a_wrong_manifest_is_refused(model: Path, manifest: str) -> None:
    (model.parent / "secret").write_text("secret")
    (model / MANIFEST).write_text(manifest, encoding="latin-1")
    with pytest.raises(InputError) as caught:
        load(model)
    assert str(caught.value).startswith(str(model / MANIFEST))
    assert sha256(b"secret").hexdigest() not in str(caught.value)


def test_the_manifest_names_family_model_and_files(model: Path) -> None:
    manifest = json.loads((model / MANIFEST).read_text())
    assert (manifest["family"], manifest["model"]) == ("network", "mlp")
    assert sorted(manifest["sha256"]) == ["model.tflite", "model.weights.h5"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_starts_without_tensorflow(run_python: Run, stage: str) -> None:
    code = f"import sys, stages.{stage}; print({{'tensorflow', 'keras'}} & set(sys.modules))"
    assert run_python("-c", code).stdout == "set()\n"


def test_scoring_runs_without_tensorflow(run_python: Run, model: Path) -> None:
    """Loading and predicting work where TensorFlow cannot be imported at all."""
    code = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None;"
        "import numpy as np; from pathlib import Path; from stages.classifier import load;"
        f"print(load(Path({str(model)!r})).predict_proba(np.zeros((2,28,28,1),'f4')).shape)"
    )
    assert run_python("-c", code).stdout == "(2, 10)\n"


def test_nothing_is_pickled() -> None:
    for path in (ROOT / "stages").glob("*.py"):
        words = path.read_text()
        assert "import pickle" not in words, path
        assert "joblib" not in words, path
        assert "allow_pickle=True" not in words, path
