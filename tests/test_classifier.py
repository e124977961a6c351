"""The saved classifier: whole, and loaded without TensorFlow."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from stages.classifier import MANIFEST, load
from stages.errors import InputError
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
