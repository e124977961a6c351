"""Training: Adam, honest, and the same bits each time."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stages.backend import keras
from stages.classifier import load
from stages.dataset import Images, Labels
from stages.networks import new_cnn, new_mlp
from stages.preprocess import to_images
from stages.training import SHIFTS, Network, averaged, one_cycle
from tests.conftest import Pixels, Run

Data = tuple[Images, Labels]


@pytest.fixture(scope="module")
def parts(digits: tuple[Pixels, Pixels]) -> tuple[Data, Data]:
    """200 digits to train on and 200 to be scored on."""
    images, labels = to_images(digits[0]), digits[1]
    return (images[:200], labels[:200]), (images[200:], labels[200:])


def small_mlp(**changed: object) -> Network:
    settings = {
        "hidden_units": [128, 64],
        "learning_rate": 0.001,
        "batch_size": 32,
        "epochs": 3,
        "threads": 1,
        "seed": 42,
    }
    return new_mlp(**(settings | changed))  # type: ignore[arg-type]


def small_cnn(**changed: object) -> Network:
    settings = {
        "filters": [8, 16, 16],
        "augmentation": {"rotation": 10, "shift": 2, "zoom": 0.1, "shear": 0.1},
        "learning_rate": 0.01,
        "weight_decay": 0.05,
        "label_smoothing": 0.0,
        "batch_size": 32,
        "epochs": 3,
        "members": 2,
        "views": 5,
        "threads": 1,
        "seed": 42,
    }
    return new_cnn(**(settings | changed))  # type: ignore[arg-type]


NETWORKS = [small_mlp, small_cnn]
New = Callable[..., Network]


def trained(new: New, train: Data, validation: Data, folder: Path, **changed: object) -> str:
    """Trains a network and returns a digest of all that it saves."""
    classifier = new(**changed)
    classifier.fit(*train, validation)
    folder.mkdir()
    classifier.save(folder)
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def test_a_step_is_adams(parts: tuple[Data, Data]) -> None:
    """One epoch, without shuffling to tell apart, is what `keras.Model.fit` does."""
    (images, labels), validation = parts
    ours, theirs = small_mlp(epochs=1, batch_size=len(images)), small_mlp()
    [reference_model] = theirs.members
    reference_model.compile(keras.optimizers.Adam(0.001), "sparse_categorical_crossentropy")
    reference_model.fit(images, labels, batch_size=len(images), verbose=0)
    ours.fit(images, labels, validation)
    [model] = ours.members
    both = zip(model.get_weights(), reference_model.get_weights(), strict=True)
    for mine, reference in both:
        np.testing.assert_allclose(mine, reference, atol=2e-6)


@pytest.mark.parametrize("new", NETWORKS)
def test_it_learns_and_says_how(
    parts: tuple[Data, Data], capsys: pytest.CaptureFixture[str], new: New
) -> None:
    train, validation = parts
    classifier = new(epochs=20)
    curve = classifier.fit(*train, validation)
    assert curve["epoch"] == list(range(1, 21))
    assert curve["train_loss"][-1] < 0.4 < curve["train_loss"][0]
    assert curve["validation_accuracy"][-1] > 0.85
    scores = averaged(classifier.members, 1)(validation[0]).numpy()
    accuracy = (scores.argmax(axis=1) == validation[1]).mean()
    assert curve["validation_accuracy"][-1] == pytest.approx(accuracy, abs=1e-6)
    likelihood = scores[np.arange(200), validation[1]]
    assert curve["validation_loss"][-1] == pytest.approx(-np.log(likelihood).mean(), abs=1e-5)
    out = capsys.readouterr().out
    assert out.count("epoch ") == 20
    assert not set(out) & {"\r", "\x1b"}


@pytest.mark.parametrize("new", NETWORKS)
def test_the_same_seed_gives_the_same_bytes(
    parts: tuple[Data, Data], tmp_path: Path, new: New
) -> None:
    first, again, other = (
        trained(new, *parts, tmp_path / name, seed=seed)
        for name, seed in (("first", 1), ("again", 1), ("other", 2))
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("new", NETWORKS)
def test_validation_rows_choose_nothing(parts: tuple[Data, Data], tmp_path: Path, new: New) -> None:
    train, (images, labels) = parts
    nonsense = (1 - images[::-1], np.roll(labels, 1))
    first = trained(new, train, (images, labels), tmp_path / "first")
    assert trained(new, train, nonsense, tmp_path / "nonsense") == first


def test_every_training_row_is_used_in_every_epoch(parts: tuple[Data, Data]) -> None:
    """Also the rows of a last, shorter batch, and batches larger than the data."""
    train, validation = parts
    for batch_size in (1, 7, 199, 200, 1000):
        classifier = small_mlp(epochs=1, batch_size=batch_size)
        classifier.fit(*train, validation)
        steps = int(classifier._optimizer.iterations.numpy())
        assert steps == -(-200 // batch_size)


@pytest.mark.parametrize("new", NETWORKS)
def test_the_saved_network_is_the_trained_one(
    parts: tuple[Data, Data], tmp_path: Path, new: New
) -> None:
    train, (images, labels) = parts
    classifier = new()
    classifier.fit(*train, (images, labels))
    classifier.save(tmp_path)
    trained = averaged(classifier.members, 1 if new is small_mlp else 5)
    expected = trained(images).numpy()
    found = load(tmp_path).predict_proba(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)
    fresh = averaged(new(seed=7).members, 1 if new is small_mlp else 5)
    fresh.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(fresh(images).numpy(), expected)


def test_the_largest_seed_is_one(parts: tuple[Data, Data]) -> None:
    train, validation = parts
    assert len(small_cnn(seed=2**32 - 1, epochs=1).fit(*train, validation)["epoch"]) == 1


def shifted(images: Images, down: int, right: int) -> Images:
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return padded[:, 1 + down : 29 + down, 1 + right : 29 + right]


@pytest.mark.parametrize(("members", "views"), [(1, 1), (1, 9), (2, 1), (3, 5)])
def test_a_prediction_is_the_mean_of_members_and_views(
    parts: tuple[Data, Data], members: int, views: int
) -> None:
    images = parts[1][0]
    models = small_cnn(members=members).members
    each = [model(shifted(images, *by)).numpy() for model in models for by in SHIFTS[:views]]
    np.testing.assert_allclose(averaged(models, views)(images), np.mean(each, axis=0), atol=1e-6)
    assert len(set(SHIFTS)) == 9


def test_members_learn_for_themselves(parts: tuple[Data, Data]) -> None:
    """The first of three becomes what it would have become alone."""
    train, validation = parts
    alone, together = small_cnn(members=1), small_cnn(members=3)
    alone.fit(*train, validation)
    together.fit(*train, validation)
    first, second, _ = together.members
    for mine, reference in zip(first.get_weights(), alone.members[0].get_weights(), strict=True):
        np.testing.assert_allclose(mine, reference, atol=1e-3)
    kernels = [member.get_weights()[0] for member in (first, second)]
    assert np.abs(kernels[0] - kernels[1]).max() > 0.1


def test_smoothed_labels_make_a_network_less_sure(parts: tuple[Data, Data]) -> None:
    """At best it gives a label that is smoothed by 0.4 a probability of 0.6 + 0.4 / 10."""
    train, validation = parts
    classifier = small_cnn(epochs=40, label_smoothing=0.4, members=1)
    curve = classifier.fit(*train, validation)
    confidence = classifier.members[0](train[0]).numpy().max(axis=1)
    assert np.median(confidence) == pytest.approx(0.64, abs=0.05)
    assert curve["train_loss"][-1] > 1


@pytest.mark.parametrize("steps", [1, 2, 7, 1000])
def test_the_learning_rate_goes_up_and_down_once(steps: int) -> None:
    rates = [float(one_cycle(0.01, steps)(step)) for step in range(steps + 1)]
    peak = int(np.argmax(rates))
    assert rates[peak] == pytest.approx(0.01)
    assert peak == max(1, steps // 10)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    if steps > 2:
        assert rates[-1] == pytest.approx(0, abs=1e-7)


THREADS = """
import sys
from pathlib import Path
from sklearn.datasets import load_digits
from stages.fetch_digits import enlarge
from stages.networks import new_mlp
from stages.preprocess import to_images
digits = load_digits()
images, labels = to_images(enlarge(digits.images)), digits.target.astype("uint8")
network = new_mlp(hidden_units=[128, 64], learning_rate=0.001, batch_size=32, epochs=2,
                  threads=int(sys.argv[1]), seed=42)
network.fit(images, labels, (images, labels))
import hashlib
print(hashlib.sha256(b"".join(w.tobytes() for w in network.members[0].get_weights())).hexdigest())
"""


def test_the_number_of_threads_does_not_change_the_mlp(run_python: Run) -> None:
    digests = {run_python("-c", THREADS, str(n)).stdout.splitlines()[-1] for n in (1, 2)}
    [digest] = digests
    assert len(digest) == 64
