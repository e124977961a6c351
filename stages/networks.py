"""Keras networks, and how they are trained."""

import io
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
from tqdm import tqdm

from stages import backend
from stages.backend import keras, tf
from stages.classifier import BATCH, FLATBUFFER, WEIGHTS, Images, write_manifest
from stages.dataset import CLASSES, SIDE
from stages.scores import Labels, log_loss

COLUMNS = ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy")
BAR_MOVES = 20  # of the progress bar in an epoch


def mlp(hidden_units: list[int]) -> keras.Sequential:
    """The article's multilayer perceptron: images (n, 28, 28, 1) to probabilities (n, 10)."""
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name="images"),
            keras.layers.Flatten(name="flatten"),
            *[
                keras.layers.Dense(units, activation="relu", name=f"hidden_{i}")
                for i, units in enumerate(hidden_units, 1)
            ],
            keras.layers.Dense(CLASSES, activation="softmax", name="digits"),
        ],
        name="mlp",
    )


class Adam(keras.optimizers.Adam):  # type: ignore[misc]
    """Keras' Adam with its update as one TensorFlow kernel, where Keras needs some twenty."""

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
    """The article's network in training: Adam on the sparse categorical cross-entropy.

    `keras.Model.fit` spends most of its time between the steps of so small a network. Here
    many steps are one TensorFlow function, from picking the rows to updating the weights.
    """

    def __init__(
        self,
        *,
        hidden_units: list[int],
        learning_rate: float,
        batch_size: int,
        epochs: int,
        threads: int,
        seed: int,
    ) -> None:
        backend.start(threads, seed)
        self.model = mlp(hidden_units)
        self._optimizer = Adam(learning_rate)
        self._optimizer.build(self.model.trainable_variables)
        self._shuffler = np.random.default_rng(seed)
        self._batch_size, self._epochs = batch_size, epochs

    def fit(
        self, images: Images, labels: Labels, validation: tuple[Images, Labels]
    ) -> dict[str, list[float]]:
        """Trains on `images` and `labels`; `validation` is scored after each epoch, no more.

        Args:
            images: float32 (n, 28, 28, 1), each value in [0, 1].
            labels: uint8 (n,), each in 0-9.
            validation: the same of other rows; they choose nothing.

        Returns:
            The learning curve, a column each: epoch, and loss (mean cross-entropy, in nats)
            and accuracy of both parts, rounded to six decimals; those of the training part
            are means over the epoch, while it learned.
        """
        x, y = tf.constant(images), tf.constant(labels.astype(np.int32))
        rows = []
        total = self._epochs * len(images)
        with tqdm(total=total, unit=" images", unit_scale=True, disable=None, leave=False) as bar:
            for epoch in range(1, self._epochs + 1):
                train, scored = self._train_epoch(x, y, bar), self._score(*validation)
                rows.append((train[0], scored[0], train[1], scored[1]))
                bar.write(
                    f"epoch {epoch}/{self._epochs}: loss {train[0]:.4f}, accuracy {train[1]:.4f}; "
                    f"validation loss {scored[0]:.4f}, accuracy {scored[1]:.4f}"
                )
        columns = np.round(rows, 6).T.tolist()
        return {"epoch": [*range(1, self._epochs + 1)], **dict(zip(COLUMNS, columns, strict=True))}

    def _train_epoch(self, images: tf.Tensor, labels: tf.Tensor, bar: tqdm) -> tuple[float, float]:
        rows = self._shuffler.permutation(len(images)).astype(np.int32)
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
            tf.TensorSpec([None, SIDE, SIDE, 1], tf.float32),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None, None], tf.int32),
        ]
    )
    def _steps(self, images: tf.Tensor, labels: tf.Tensor, batches: tf.Tensor) -> tf.Tensor:
        """Takes a step for each row of `batches`; gives the sums of losses and of hits."""
        weights = self.model.trainable_variables
        sums = tf.zeros(2)
        for batch in batches:
            x, y = tf.gather(images, batch), tf.gather(labels, batch)
            with tf.GradientTape() as tape:
                probabilities = self.model(x, training=True)
                losses = keras.losses.sparse_categorical_crossentropy(y, probabilities)
                loss = tf.reduce_mean(losses)
            self._optimizer.apply(tape.gradient(loss, weights), weights)
            hits = tf.argmax(probabilities, axis=1, output_type=tf.int32) == y
            sums += tf.stack([tf.reduce_sum(losses), tf.reduce_sum(tf.cast(hits, tf.float32))])
        return sums

    def _score(self, images: Images, labels: Labels) -> tuple[float, float]:
        probabilities = np.concatenate(
            [self._infer(images[start : start + BATCH]) for start in range(0, len(images), BATCH)]
        )
        hits = probabilities.argmax(axis=1) == labels
        return log_loss(labels, probabilities), float(hits.mean())

    @tf.function(input_signature=[tf.TensorSpec([None, SIDE, SIDE, 1], tf.float32)])
    def _infer(self, images: tf.Tensor) -> tf.Tensor:
        return self.model(images, training=False)

    def save(self, folder: Path) -> None:
        """Writes the network as a LiteRT flatbuffer, its weights for Keras, and a manifest.

        Not as a `.keras` file: its bytes differ from run to run.
        """
        converter = tf.lite.TFLiteConverter.from_keras_model(self.model)
        with redirect_stdout(io.StringIO()):  # a page about a temporary folder
            flatbuffer = converter.convert()
        (folder / FLATBUFFER).write_bytes(flatbuffer)
        self.model.save_weights(folder / WEIGHTS)
        write_manifest(folder, family="network", model=self.model.name)
