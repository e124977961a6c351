"""The network: the article's, honest, and the same bits each time."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from stages.backend import keras
from stages.classifier import Images, load
from stages.networks import Network
from stages.preprocess import to_images
from stages.scores import Labels
from tests.conftest import Pixels, Run

Data = tuple[Images, Labels]


@pytest.fixture(scope="module")
def parts(digits: tuple[Pixels, Pixels]) -> tuple[Data, Data]:
    """200 digits to train on and 200 to be scored on."""
    images, labels = to_images(digits[0]), digits[1]
    return (images[:200], labels[:200]), (images[200:], labels[200:])


def network(**changed: object) -> Network:
    settings = {
        "hidden_units": [128, 64],
        "learning_rate": 0.001,
        "batch_size": 32,
        "epochs": 3,
        "threads": 1,
        "seed": 42,
    }
    return Network(**(settings | changed))  # type: ignore[arg-type]


def trained(train: Data, validation: Data, folder: Path, **changed: object) -> str:
    """Trains a network and returns a digest of all that it saves."""
    classifier = network(**changed)
    classifier.fit(*train, validation)
    folder.mkdir()
    classifier.save(folder)
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def test_the_layers_are_the_articles() -> None:
    found = [
        (type(layer).__name__, getattr(layer, "units", None), getattr(layer, "activation", None))
        for layer in network().model.layers
    ]
    assert found == [
        ("Flatten", None, None),
        ("Dense", 128, keras.activations.relu),
        ("Dense", 64, keras.activations.relu),
        ("Dense", 10, keras.activations.softmax),
    ]


def test_a_step_is_adams(parts: tuple[Data, Data]) -> None:
    """One epoch, without shuffling to tell apart, is what `keras.Model.fit` does."""
    (images, labels), validation = parts
    ours, theirs = network(epochs=1, batch_size=len(images)), network()
    theirs.model.compile(keras.optimizers.Adam(0.001), "sparse_categorical_crossentropy")
    theirs.model.fit(images, labels, batch_size=len(images), verbose=0)
    ours.fit(images, labels, validation)
    for mine, reference in zip(ours.model.get_weights(), theirs.model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, reference, atol=2e-6)


def test_it_learns_and_says_how(
    parts: tuple[Data, Data], capsys: pytest.CaptureFixture[str]
) -> None:
    train, validation = parts
    classifier = network(epochs=20)
    curve = classifier.fit(*train, validation)
    assert curve["epoch"] == list(range(1, 21))
    assert curve["train_loss"][-1] < 0.3 < curve["train_loss"][0]
    assert curve["validation_accuracy"][-1] > 0.85
    scores = classifier.model(validation[0]).numpy()
    accuracy = (scores.argmax(axis=1) == validation[1]).mean()
    assert curve["validation_accuracy"][-1] == pytest.approx(accuracy, abs=1e-6)
    likelihood = scores[np.arange(200), validation[1]]
    assert curve["validation_loss"][-1] == pytest.approx(-np.log(likelihood).mean(), abs=1e-5)
    out = capsys.readouterr().out
    assert out.count("epoch ") == 20
    assert not set(out) & {"\r", "\x1b"}


def test_the_same_seed_gives_the_same_bytes(parts: tuple[Data, Data], tmp_path: Path) -> None:
    first, again, other = (
        trained(*parts, tmp_path / name, seed=seed)
        for name, seed in (("first", 1), ("again", 1), ("other", 2))
    )
    assert first == again
    assert first != other


def test_validation_rows_choose_nothing(parts: tuple[Data, Data], tmp_path: Path) -> None:
    train, (images, labels) = parts
    nonsense = (1 - images[::-1], np.roll(labels, 1))
    assert trained(train, (images, labels), tmp_path / "a") == trained(
        train, nonsense, tmp_path / "b"
    )


def test_every_training_row_is_used_in_every_epoch(parts: tuple[Data, Data]) -> None:
    """Also the rows of a last, shorter batch, and batches larger than the data."""
    train, validation = parts
    for batch_size in (1, 7, 199, 200, 1000):
        classifier = network(epochs=1, batch_size=batch_size)
        classifier.fit(*train, validation)
        steps = int(classifier._optimizer.iterations.numpy())
        assert steps == -(-200 // batch_size)


def test_the_saved_network_is_the_trained_one(parts: tuple[Data, Data], tmp_path: Path) -> None:
    train, (images, labels) = parts
    classifier = network()
    classifier.fit(*train, (images, labels))
    classifier.save(tmp_path)
    expected = classifier.model(images).numpy()
    found = load(tmp_path).predict_proba(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)
    fresh = network(seed=7).model
    fresh.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(fresh(images).numpy(), expected)


THREADS = """
import sys
from pathlib import Path
from sklearn.datasets import load_digits
from stages.fetch_digits import enlarge
from stages.networks import Network
from stages.preprocess import to_images
digits = load_digits()
images, labels = to_images(enlarge(digits.images)), digits.target.astype("uint8")
network = Network(hidden_units=[128, 64], learning_rate=0.001, batch_size=32, epochs=2,
                  threads=int(sys.argv[1]), seed=42)
network.fit(images, labels, (images, labels))
import hashlib
print(hashlib.sha256(b"".join(w.tobytes() for w in network.model.get_weights())).hexdigest())
"""


def test_the_number_of_threads_does_not_change_the_mlp(run_python: Run) -> None:
    digests = {run_python("-c", THREADS, str(n)).stdout.splitlines()[-1] for n in (1, 2)}
    assert len(digests) == 1
