"""Every classifier learns, saves what it learned, and depends on its seed and training rows."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.classifiers.saved import load
from tests.training.conftest import SMALL, Data, create_small

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
    classifier.save(tmp_path)
    probabilities = load(tmp_path).predict_proba(images)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    accuracy = (probabilities.argmax(axis=1) == labels).mean()
    assert accuracy > ACCURACY[model]
    epochs = SMALL[model].get("epochs", 1)
    assert curve["epoch"].tolist() == list(range(1, epochs + 1))
    assert curve["validation_accuracy"].iloc[-1] == pytest.approx(accuracy)
    likelihood = probabilities[np.arange(200), labels]
    assert curve["validation_loss"].iloc[-1] == pytest.approx(-np.log(likelihood).mean(), abs=1e-5)
    out = capsys.readouterr().out
    assert out.count("validation loss ") == (epochs if epochs > 1 else 0)
    assert not set(out) & {"\r", "\x1b"}


def train_and_hash(model: str, folder: Path, train: Data, validation: Data, seed: int = 1) -> str:
    """Trains a classifier; returns a hash of all the files that it saves."""
    fewer: dict[str, Any] = {"epochs": 3} if "epochs" in SMALL[model] else {}
    classifier = create_small(model, seed=seed, **fewer)
    classifier.fit(*train, validation)
    folder.mkdir()
    classifier.save(folder)
    contents = [path.name.encode() + path.read_bytes() for path in sorted(folder.iterdir())]
    return sha256(b"".join(contents)).hexdigest()


@pytest.mark.parametrize("model", SMALL)
def test_validation_rows_choose_nothing(
    parts: tuple[Data, Data], tmp_path: Path, model: str
) -> None:
    """Also: the same seed gives the same bytes, within one process."""
    train, (images, labels) = parts
    nonsense = (1 - images[::-1], np.roll(labels, 1))
    first = train_and_hash(model, tmp_path / "first", train, (images, labels))
    assert train_and_hash(model, tmp_path / "nonsense", train, nonsense) == first
    if model != "knn":  # which draws nothing at random
        assert train_and_hash(model, tmp_path / "seed", train, nonsense, seed=2) != first
