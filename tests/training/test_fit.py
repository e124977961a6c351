"""How networks are trained: with Keras' Adam, on every row, each member by itself."""

from pathlib import Path

import numpy as np
import pytest

from stages.classifiers.saved import load
from stages.formats.prepared import Images, Rows
from stages.training.backend import keras
from stages.training.ensemble import SHIFTS, average
from stages.training.fit import one_cycle
from tests.training.conftest import Data, create_small

pytestmark = pytest.mark.slow


def test_a_step_is_adams(parts: tuple[Data, Data]) -> None:
    """With one batch per epoch the order of rows does not matter: compare with `Model.fit`."""
    (images, labels), validation = parts
    network, other = (create_small("mlp", epochs=1, batch_size=len(images)) for _ in range(2))
    model, reference = network.members[0].model, other.members[0].model
    reference.compile(keras.optimizers.Adam(0.001), "sparse_categorical_crossentropy")
    reference.fit(images, labels, batch_size=len(images), verbose=0)
    network.fit(images, labels, validation)
    for weights, expected in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(weights, expected, atol=2e-6)


@pytest.mark.parametrize("batch_size", [7, 199, 200, 1000])
def test_every_training_row_is_used_in_every_epoch(
    parts: tuple[Data, Data], batch_size: int
) -> None:
    """Also the rows of a last, shorter batch, and batches larger than the data."""
    network = create_small("mlp", epochs=1, batch_size=batch_size)
    network.fit(*parts[0], parts[1])
    assert int(network.members[0]._optimizer.iterations.numpy()) == -(-200 // batch_size)


class Watched:
    """Images that note how many are asked for at once."""

    def __init__(self, images: Images) -> None:
        self.images, self.most = images, 0

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, places: slice | Rows) -> Images:
        asked = self.images[places]
        self.most = max(self.most, len(asked))
        return asked


def test_few_images_are_read_at_once_and_the_weights_are_the_same(
    parts: tuple[Data, Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    (images, labels), validation = parts
    kept, read = (create_small("mlp", epochs=2, batch_size=4) for _ in range(2))
    curve = kept.fit(images, labels, validation)
    monkeypatch.setattr("stages.training.fit.KEPT", 0)
    monkeypatch.setattr("stages.training.fit.PART", 8)
    monkeypatch.setattr("stages.training.fit.BATCH", 8)
    watched, watched_validation = Watched(images), Watched(validation[0])
    assert read.fit(watched, labels, (watched_validation, validation[1])).equals(curve)
    assert (watched.most, watched_validation.most) == (8, 8)
    expected = kept.members[0].model.get_weights()
    for weights, same in zip(read.members[0].model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(weights, same)


def shift(images: Images, down: int, right: int) -> Images:
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return padded[:, 1 + down : 29 + down, 1 + right : 29 + right]


@pytest.mark.parametrize(("members", "views"), [(1, 1), (1, 9), (2, 1), (3, 5)])
def test_a_prediction_is_the_mean_of_members_and_views(
    parts: tuple[Data, Data], tmp_path: Path, members: int, views: int
) -> None:
    """That of the saved network too, and of the weights that are saved for Keras."""
    images = parts[1][0]
    network = create_small("cnn", members=members, views=views)
    network.save(tmp_path)
    each = [member.model(shift(images, *by)) for member in network.members for by in SHIFTS[:views]]
    expected = np.mean(each, axis=0)
    np.testing.assert_allclose(load(tmp_path).predict_proba(images), expected, atol=1e-5)
    others = create_small("cnn", members=members, seed=7).members
    loaded = average([member.model for member in others], views)
    loaded.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_allclose(loaded(images), expected, atol=1e-6)
    assert len(set(SHIFTS)) == 9


def test_members_learn_for_themselves(parts: tuple[Data, Data]) -> None:
    """The first becomes what it becomes alone; an equal second one sees other distortions."""
    alone, together = (
        create_small("cnn", members=members, epochs=3, seed=2**32 - 1) for members in (1, 2)
    )
    models = [member.model for member in together.members]
    models[1].set_weights(models[0].get_weights())
    alone.fit(*parts[0], parts[1])
    together.fit(*parts[0], parts[1])
    first, second = (model.get_weights() for model in models)
    for weights, expected in zip(first, alone.members[0].model.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)
    assert np.abs(first[0] - second[0]).max() > 0.01


@pytest.mark.parametrize("smoothing", [0.0, 0.4])
def test_the_loss_is_the_cross_entropy_with_the_smoothed_label(smoothing: float) -> None:
    network = create_small("cnn", label_smoothing=smoothing)
    probabilities = np.full((1, 10), 0.05, np.float32)
    probabilities[0, 3] = 0.55
    target = np.full(10, smoothing / 10) + (1 - smoothing) * np.eye(10)[3]
    expected = -(target * np.log(probabilities[0])).sum()
    assert network.members[0]._losses(np.array([3]), probabilities).numpy() == pytest.approx(
        [expected]
    )


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
def test_the_learning_rate_goes_up_and_down_once(steps: int) -> None:
    rates = [float(one_cycle(0.01, steps)(step)) for step in range(steps + 1)]
    peak = int(np.argmax(rates))
    assert rates[peak] == pytest.approx(0.01)
    assert peak == max(1, steps // 10)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    if steps > 2:
        assert rates[-1] == pytest.approx(0, abs=1e-7)
