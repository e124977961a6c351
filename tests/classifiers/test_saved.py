"""The saved classifier: it is whole, and loads and predicts without TensorFlow."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from stages.classifiers.saved import MANIFEST, load
from stages.harness.errors import InputError
from tests.conftest import Run
from tests.support.clone import ROOT


@pytest.fixture
def model(networks: Path, tmp_path: Path) -> Path:
    """A copy of a saved network, to spoil."""
    return Path(shutil.copytree(networks / "mlp", tmp_path / "model"))


def test_probabilities_are_probabilities(model: Path) -> None:
    images = np.random.default_rng(0).random((1201, 28, 28, 1), np.float32)
    classifier = load(model)
    probabilities = classifier.predict_proba(images)
    assert probabilities.shape == (1201, 10)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    # An image's result does not depend on its place in a batch, nor on earlier predictions.
    again = classifier.predict_proba(images[700:703])
    np.testing.assert_allclose(again, probabilities[700:703], atol=1e-7)


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


@pytest.mark.slow
def test_the_stages_start_without_tensorflow(run_python: Run) -> None:
    names = sorted(path.stem for path in (ROOT / "stages").glob("[a-z]*.py"))
    code = (
        "import sys; from importlib import import_module\n"
        f"for name in {names}:\n  import_module('stages.' + name)\n"
        "  print(name, *{'tensorflow', 'keras'} & set(sys.modules))"
    )
    assert run_python("-c", code).stdout.splitlines() == names


def test_predicting_needs_no_tensorflow(run_python: Run, model: Path) -> None:
    """A network is loaded and predicts where TensorFlow cannot be imported at all."""
    code = (
        "import sys, tests; sys.modules['tensorflow'] = sys.modules['keras'] = None;"
        "from stages.classifiers.saved import load; from pathlib import Path; import numpy as np;"
        f"print(load(Path({str(model)!r})).predict_proba(np.zeros((2,28,28,1),'f4')).shape)"
    )
    assert run_python("-c", code).stdout == "(2, 10)\n"
