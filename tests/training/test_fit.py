"""How networks are trained: with Keras' Adam, on every row, each member by itself."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.classifiers.saved import load, save_classifier
from stages.formats.prepared import Images, Rows
from stages.training.augmentation import SHIFTS, Distorted, average
from stages.training.backend import keras, start, tf
from stages.training.fit import PART, one_cycle, smooth, training_batches
from tests.support.small import Data, create_small

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    """TensorFlow keeps the number of threads that it has when it first computes."""
    start(threads=1, seed=0)


def test_a_step_is_adams(parts: tuple[Data, Data]) -> None:
    """`fit.Adam` uses private parts of Keras' Adam. If this fails, Keras has changed them."""
    (images, labels), validation = parts
    network, other = (create_small("mlp", epochs=1, batch_size=len(images)) for _ in range(2))
    reference = other.members[0]
    reference.compile(keras.optimizers.Adam(0.001), "sparse_categorical_crossentropy")
    reference.fit(images, labels, batch_size=len(images), verbose=0)
    network.fit(images, labels, validation)
    learned = network.members[0].get_weights()
    for weights, expected in zip(learned, reference.get_weights(), strict=True):
        np.testing.assert_allclose(weights, expected, atol=2e-6)


@pytest.mark.parametrize("batch_size", [64, 1000])
def test_every_row_is_in_every_epoch_once(
    parts: tuple[Data, Data], monkeypatch: pytest.MonkeyPatch, batch_size: int
) -> None:
    """Also the rows of a last, shorter batch, and batches larger than the data."""
    monkeypatch.setattr("stages.training.fit.count_batch", lambda shape: 130 // PART)
    images, rows = parts[0][0], np.arange(200, dtype=np.uint8)  # the number of a row as its label
    batches = training_batches(images, rows, batch_size=batch_size, seed=1)
    orders = []
    for _ in range(2):
        drawn = list(batches)
        assert len(drawn) == len(batches) == -(-200 // batch_size)
        found, order = map(np.concatenate, zip(*drawn, strict=True))
        np.testing.assert_array_equal(found, images[order])
        orders.append(order)
    assert sorted(orders[0].tolist()) == sorted(orders[1].tolist()) == rows.tolist()
    assert (orders[0] != orders[1]).any()


def test_each_step_has_its_own_distortion(parts: tuple[Data, Data]) -> None:
    seeds: list[list[int]] = []

    def distort(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        tf.py_function(lambda drawn: seeds.append(drawn.numpy().tolist()), [seed], [])
        return images

    network = Distorted(create_small("cnn").members[0], distort, 7)
    network.compile(loss="sparse_categorical_crossentropy")
    batches = training_batches(*parts[0], batch_size=64, seed=1)
    network.fit(batches, epochs=2, shuffle=False, verbose=0)
    assert seeds == [[7, step] for step in range(8)]


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
    for name, value in {"KEPT": 0, "PART": 1, "count_batch": lambda shape: 8}.items():
        monkeypatch.setattr(f"stages.training.fit.{name}", value)
    watched, watched_validation = Watched(images), Watched(validation[0])
    other = read.fit(watched, labels, (watched_validation, validation[1]))
    pd.testing.assert_frame_equal(pd.DataFrame(other), pd.DataFrame(curve))
    assert (watched.most, watched_validation.most) == (8, 8)
    expected = kept.members[0].get_weights()
    for weights, same in zip(read.members[0].get_weights(), expected, strict=True):
        np.testing.assert_array_equal(weights, same)


@pytest.mark.parametrize(("members", "views"), [(1, 9), (3, 5)])
def test_a_prediction_is_the_mean_of_members_and_views(
    parts: tuple[Data, Data], tmp_path: Path, members: int, views: int
) -> None:
    """That of the saved network too, and of the weights that are saved for Keras."""
    images = np.pad(parts[1][0][:, 1:-1, 1:-1], ((0, 0), (1, 1), (1, 1), (0, 0)))
    ensemble = create_small("cnn", members=members, views=views)
    save_classifier(ensemble, "cnn", tmp_path)
    shifted = [np.roll(images, by, axis=(1, 2)) for by in SHIFTS[:views]]
    each = [network(view) for network in ensemble.members for view in shifted]
    expected = np.mean(each, axis=0)
    np.testing.assert_allclose(load(tmp_path).predict_proba(images), expected, atol=1e-5)
    loaded = average(create_small("cnn", members=members, seed=7).members, views)
    loaded.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_allclose(loaded(images), expected, atol=1e-6)


def test_members_learn_for_themselves(parts: tuple[Data, Data]) -> None:
    """The first becomes what it becomes alone; an equal second one sees other distortions."""
    alone, together = (create_small("cnn", members=n, epochs=2, seed=2**32 - 1) for n in (1, 2))
    together.members[1].set_weights(together.members[0].get_weights())
    alone.fit(*parts[0], parts[1])
    together.fit(*parts[0], parts[1])
    first, second = (network.get_weights() for network in together.members)
    for weights, expected in zip(first, alone.members[0].get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)
    assert np.abs(first[0] - second[0]).max() > 0.01


def test_a_smoothed_label_is_spread_over_all_classes() -> None:
    batches = tf.data.Dataset.from_tensors((np.zeros((1, 2)), np.array([3], np.uint8)))
    for share in (0, 0.4):
        ((_, labels),) = smooth(batches, share, 10)
        expected = np.full(10, share / 10) + (1 - share) * np.eye(10)[3]
        np.testing.assert_allclose(labels, [expected], atol=1e-7)


@pytest.mark.parametrize("steps", [1, 7, 100])
def test_the_learning_rate_goes_up_and_down_once(steps: int) -> None:
    rates = [float(one_cycle(0.01, steps)(step)) for step in range(steps + 1)]
    peak = int(np.argmax(rates))
    assert rates[peak] == pytest.approx(0.01)
    assert peak == max(1, steps // 10)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
