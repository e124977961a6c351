"""How a Keras network is trained and saved."""

import io
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stages.classifiers.network import BATCH, FLATBUFFER, WEIGHTS
from stages.classifiers.saved import write_manifest
from stages.formats.prepared import Images, Labels
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.progress import Progress
from stages.scoring.metrics import Curve, learning_curve, loss_and_accuracy
from stages.training.backend import keras, tf

# Pixels down and right: the image itself, then its 4 nearest and its 4 diagonal neighbours.
SHIFTS = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)]
BAR_MOVES = 20  # updates of the progress bar in an epoch

Augment = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def one_cycle(peak: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Raises the learning rate to `peak` in a tenth of the steps, then lowers it to 0.

    Source: L. N. Smith and N. Topin, "Super-Convergence: Very Fast Training of Neural Networks
    Using Large Learning Rates", 2019; the descent as in I. Loshchilov and F. Hutter, "SGDR", 2017.
    """
    rise = max(1, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=max(1, steps - rise), warmup_target=peak, warmup_steps=rise
    )


def average(members: Sequence[keras.Model], views: int) -> keras.Model:
    """Builds a network that averages the members' probabilities over shifted copies of an image.

    There are `views` copies, shifted by the first of `SHIFTS`. Like its members, the network
    maps images (n, *SHAPE) to probabilities (n, classes).
    """
    if len(members) == views == 1:
        return members[0]
    height, width, _ = SHAPE
    images = keras.Input(SHAPE, name="images")
    padded = keras.ops.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    copies = [padded[:, 1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in SHIFTS[:views]]
    stacked = keras.ops.concatenate(copies, axis=0)
    probabilities = sum(member(stacked) for member in members) / len(members)
    each = keras.ops.reshape(probabilities, (views, -1, CLASS_COUNT))
    return keras.Model(images, keras.ops.mean(each, axis=0))


class Adam(keras.optimizers.Adam):  # type: ignore[misc]
    """Keras' Adam, but each update is one TensorFlow kernel instead of about twenty."""

    def update_step(
        self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor
    ) -> None:
        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations.value + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=self.beta_1**step,
            beta2_power=self.beta_2**step,
            lr=learning_rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


class Network:
    """Trains networks with Adam on the sparse categorical cross-entropy.

    With networks as small as these, `keras.Model.fit` spends most of its time between the steps.
    Here one TensorFlow function runs many steps, from choosing the rows to updating the weights.

    Args:
        members: one or more untrained networks from images to probabilities. They learn
            independently from the same batches; the prediction is their mean.
        rate: gives the learning rate, or its schedule, for the total number of steps.
        weight_decay: each step subtracts this fraction of a weight, times the learning rate
            (I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization", 2019).
        label_smoothing: the fraction of a label that is spread over all classes (C. Szegedy et
            al., "Rethinking the Inception Architecture for Computer Vision", 2016).
        augment: distorts a batch of images, given a seed of two integers.
        views: shifted copies of an image that the saved network averages over; see `average`.
    """

    def __init__(
        self,
        members: Sequence[keras.Sequential],
        *,
        name: str,
        rate: Callable[[int], float | keras.optimizers.schedules.LearningRateSchedule],
        batch_size: int,
        epochs: int,
        seed: int,
        weight_decay: float = 0,
        label_smoothing: float = 0,
        augment: Augment | None = None,
        views: int = 1,
    ) -> None:
        self.members, self._name = members, name
        self._rate, self._weight_decay = rate, weight_decay
        self._label_smoothing = label_smoothing
        self._batch_size, self._epochs = batch_size, epochs
        self._seed, self._augment, self._views = seed, augment, views

    def fit(self, images: Images, labels: Labels, validation: tuple[Images, Labels]) -> Curve:
        """Trains on `images` and `labels`; `validation` is only scored, after each epoch.

        Args:
            images: float32 (n, *SHAPE), each value in [0, 1].
            labels: uint8 (n,), each a place in CLASSES.
            validation: images and labels of other rows; nothing is chosen by them.

        Returns:
            See `metrics.learning_curve`. The training scores are means over the epoch, while
            the networks still learn, on augmented images and smoothed labels if these are set.
        """
        self.members[0].summary()
        steps = self._epochs * -(-len(images) // self._batch_size)
        self._optimizer = Adam(self._rate(steps), weight_decay=self._weight_decay or None)
        self._optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._optimizer.build(self._weights())
        shuffler = np.random.default_rng(self._seed)
        x, y = tf.constant(images), tf.constant(labels.astype(np.int32))
        epochs = []
        with Progress(self._epochs * len(images), "images") as bar:
            for epoch in range(1, self._epochs + 1):
                train = self._train_epoch(x, y, shuffler.permutation(len(images)), bar)
                held_out = loss_and_accuracy(validation[1], self._predict(validation[0]))
                epochs.append((train, held_out))
                bar.say(
                    f"epoch {epoch}/{self._epochs}: loss {train[0]:.4f}, accuracy {train[1]:.4f}; "
                    f"validation loss {held_out[0]:.4f}, accuracy {held_out[1]:.4f}"
                )
        return learning_curve(epochs)

    def _train_epoch(
        self, images: tf.Tensor, labels: tf.Tensor, order: npt.NDArray[np.int64], bar: Progress
    ) -> tuple[float, float]:
        rows = order.astype(np.int32)
        whole = len(rows) // self._batch_size * self._batch_size
        batches = rows[:whole].reshape(-1, self._batch_size)
        parts = [part for part in np.array_split(batches, BAR_MOVES) if len(part)]
        if whole < len(rows):
            parts.append(rows[None, whole:])  # the last batch is shorter
        loss, hits = 0.0, 0.0
        for part in parts:
            part_loss, part_hits = self._steps(images, labels, part).numpy().tolist()
            loss, hits = loss + part_loss, hits + part_hits
            bar.update(part.size)
        return loss / len(rows), hits / len(rows)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, *SHAPE], tf.float32),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None, None], tf.int32),
        ]
    )
    def _steps(self, images: tf.Tensor, labels: tf.Tensor, batches: tf.Tensor) -> tf.Tensor:
        """Runs a step for each row of `batches`; returns the summed loss and correct count."""
        weights = self._weights()
        sums = tf.zeros(2)
        for batch in batches:
            x, y = tf.gather(images, batch), tf.gather(labels, batch)
            step = tf.cast(self._optimizer.iterations.value, tf.int64)
            with tf.GradientTape() as tape:
                predictions = [
                    member(self._distort(x, self._seed + i, step), training=True)
                    for i, member in enumerate(self.members)
                ]
                losses = [self._losses(y, probabilities) for probabilities in predictions]
                loss = tf.add_n([tf.reduce_mean(each) for each in losses])
            self._optimizer.apply(tape.gradient(loss, weights), weights)
            for probabilities, each in zip(predictions, losses, strict=True):
                hits = tf.argmax(probabilities, axis=1, output_type=tf.int32) == y
                totals = [tf.reduce_sum(each), tf.reduce_sum(tf.cast(hits, tf.float32))]
                sums += tf.stack(totals) / len(self.members)
        return sums

    def _losses(self, labels: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
        if not self._label_smoothing:
            return keras.losses.sparse_categorical_crossentropy(labels, probabilities)
        return keras.losses.categorical_crossentropy(
            tf.one_hot(labels, CLASS_COUNT), probabilities, label_smoothing=self._label_smoothing
        )

    def _distort(self, images: tf.Tensor, seed: int, step: tf.Tensor) -> tf.Tensor:
        if self._augment is None:
            return images
        return self._augment(images, tf.stack([tf.constant(seed, tf.int64), step]))

    def _weights(self) -> list[keras.Variable]:
        return [weight for member in self.members for weight in member.trainable_variables]

    def _predict(self, images: Images) -> npt.NDArray[np.float32]:
        batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
        return np.concatenate([self._infer(batch) for batch in batches])

    @tf.function(input_signature=[tf.TensorSpec([None, *SHAPE], tf.float32)])
    def _infer(self, images: tf.Tensor) -> tf.Tensor:
        return tf.add_n([member(images, training=False) for member in self.members]) / len(
            self.members
        )

    def save(self, folder: Path) -> None:
        """Writes the network as a LiteRT flatbuffer, its weights for Keras, and a manifest.

        There is no `.keras` file, because its bytes differ from run to run.
        """
        served = average(self.members, self._views)
        converter = tf.lite.TFLiteConverter.from_keras_model(served)
        with redirect_stdout(io.StringIO()):  # silences its report on a temporary folder
            flatbuffer = converter.convert()
        (folder / FLATBUFFER).write_bytes(flatbuffer)
        served.save_weights(folder / WEIGHTS)
        write_manifest(folder, family="network", model=self._name)
