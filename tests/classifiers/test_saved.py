"""A saved network loads and predicts without TensorFlow."""

from pathlib import Path

import numpy as np

from stages.classifiers.saved import load
from tests.conftest import Run
from tests.support.clone import ROOT


def test_probabilities_are_probabilities(networks: Path) -> None:
    images = np.random.default_rng(0).random((1201, 28, 28, 1), np.float32)
    classifier = load(networks / "mlp")
    probabilities = classifier.predict_proba(images)
    assert probabilities.shape == (1201, 10)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    # An image's result does not depend on its place in a batch, nor on earlier predictions.
    again = classifier.predict_proba(images[700:703])
    np.testing.assert_allclose(again, probabilities[700:703], atol=1e-7)


def test_only_training_needs_tensorflow(run_python: Run, networks: Path) -> None:
    """The stages start, and a network predicts, where TensorFlow cannot be imported at all."""
    stages = ", ".join(f"stages.{path.stem}" for path in (ROOT / "stages").glob("[a-z]*.py"))
    code = (
        "import sys, tests; sys.modules['tensorflow'] = sys.modules['keras'] = None;"
        f"import {stages}; from pathlib import Path; import numpy as np;"
        "from stages.classifiers.saved import load;"
        "print(load(Path(sys.argv[1])).predict_proba(np.zeros((2, 28, 28, 1), 'f4')).shape)"
    )
    assert run_python("-c", code, str(networks / "mlp")).stdout == "(2, 10)\n"
