"""What `keras.Model.fit` is given: the optimizer, the batches, and a line for each epoch."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from stages.classifiers.network import count_batch
from stages.formats.prepared import ImageRows, Images, Labels, Rows
from stages.harness.progress import Progress
from stages.training.backend import keras, tf

KEPT = 100  # batches for prediction, of digits 50,000: up to so many are held in memory
PART = 4  # such batches: of more images, so many are in memory at a time
CALLS = 20  # of TensorFlow in an epoch, about: after each, the progress bar moves

Logs = dict[str, float] | None


class Adam(keras.optimizers.Adam):  # type: ignore[misc]
    """Keras' Adam, but each update is one TensorFlow kernel instead of about twenty.

    It uses private attributes of Keras' Adam, of the version that uv.lock pins.
    """

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


def training_batches(
    images: ImageRows, labels: Labels, batch_size: int, seed: int
) -> tf.data.Dataset:
    """Returns batches of images and labels. Each iteration over them is an epoch, in a new order.

    Up to `KEPT` batches for prediction are held in memory; of more images, `PART`. `seed` decides
    the order.
    """
    size = count_batch(images[:0].shape[1:])
    images = images[:] if len(images) <= KEPT * size else images
    order = partial(np.random.default_rng(seed).permutation, len(labels))
    return _make_batches(images, labels, order, PART * size, batch_size)


def validation_batches(images: ImageRows, labels: Labels) -> tf.data.Dataset:
    """Returns batches of images and labels in their order; one batch is in memory at a time."""
    size, order = count_batch(images[:0].shape[1:]), partial(np.arange, len(labels))
    return _make_batches(images, labels, order, size, size)


def _make_batches(
    images: ImageRows, labels: Labels, order: Callable[[], Rows], part: int, batch_size: int
) -> tf.data.Dataset:
    """Reads `part` rows at a time, in the order that `order` returns for each epoch."""

    def read() -> Iterator[tuple[Images, Labels]]:
        rows = order()
        for start in range(0, len(rows), part):
            some = rows[start : start + part]
            yield images[some], labels[some]

    image, label = tf.TensorSpec([None, *images[:0].shape[1:]]), tf.TensorSpec([None], labels.dtype)
    batches = tf.data.Dataset.from_generator(read, output_signature=(image, label))
    count = tf.data.experimental.assert_cardinality(-(-len(labels) // batch_size))
    return batches.rebatch(batch_size).apply(count)


def smooth(batches: tf.data.Dataset, share: float, classes: int) -> tf.data.Dataset:
    """Turns labels into probabilities (n, classes), a `share` of them spread over all classes."""

    def spread(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return images, tf.one_hot(labels, classes) * (1 - share) + share / classes

    return batches.map(spread)


def one_cycle(peak: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Raises the learning rate to `peak` in a tenth of the steps, then lowers it to 0.

    Source: L. N. Smith and N. Topin, "Super-Convergence: Very Fast Training of Neural Networks
    Using Large Learning Rates", 2019; the descent as in I. Loshchilov and F. Hutter, "SGDR", 2017.
    """
    rise = max(1, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=max(1, steps - rise), warmup_target=peak, warmup_steps=rise
    )


class Report(keras.callbacks.Callback):  # type: ignore[misc]
    """Shows a progress bar, and prints a line after each epoch."""

    def on_train_begin(self, logs: Logs = None) -> None:
        # Built later, in the first step, it would make Keras trace the step twice.
        self.model.optimizer.build(self.model.trainable_variables)
        self._bar = Progress(total=self.params["epochs"] * self.params["steps"], unit=" batches")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._bar.update(int(self.model.optimizer.iterations.numpy()) - self._bar.n)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        scores = "loss {loss:.4f}, accuracy {accuracy:.4f}"
        scores += "; validation loss {val_loss:.4f}, accuracy {val_accuracy:.4f}"
        line = scores.format(**logs or {})
        self._bar.write(f"{self.model.name}, epoch {epoch + 1}/{self.params['epochs']}: {line}")

    def on_train_end(self, logs: Logs = None) -> None:
        self._bar.close()


class EarlyStopping(keras.callbacks.EarlyStopping):  # type: ignore[misc]
    """Stops once the loss on rows that were held back has not fallen for `patience` epochs.

    The weights become those of the best epoch, with which the history ends. `batches` are of rows
    that were held back from the training rows; the validation rows have no part in this.
    """

    def __init__(self, patience: int, batches: tf.data.Dataset) -> None:
        super().__init__("loss", patience=patience, restore_best_weights=True, verbose=1)
        self._batches = batches

    def get_monitor_value(self, logs: Logs) -> float:
        return float(self.model.evaluate(self._batches, verbose=0, return_dict=True)["loss"])

    def on_train_end(self, logs: Logs = None) -> None:
        super().on_train_end(logs)
        for scores in self.model.history.history.values():
            del scores[self.best_epoch + 1 :]
