"""What `keras.Model.fit` is given: the optimizer, the batches, and a line for each epoch."""

from collections.abc import Callable, Iterator

import numpy as np

from stages.classifiers.network import BATCH
from stages.formats.prepared import ImageRows, Images, Labels
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.progress import Progress
from stages.training.backend import keras, tf

KEPT = 100 * BATCH  # training images that are held in memory; of more, only a part at a time
PART = 20 * BATCH  # images of such a part, about
EXECUTIONS = 20  # calls of TensorFlow in an epoch, about: after each, the progress bar moves

Logs = dict[str, float] | None
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


class Batches(keras.callbacks.Callback):  # type: ignore[misc]
    """Batches of training images, in a new random order in each epoch.

    `fit` takes it twice: `dataset()` as its data, and itself as the callback that shuffles.

    Args:
        images: of more than `KEPT`, only `PART` are in memory at a time.
        seed: of the order.
    """

    def __init__(self, images: ImageRows, labels: Labels, *, batch_size: int, seed: int) -> None:
        super().__init__()
        self._images = images[:] if len(images) <= KEPT else images
        self._labels, self._batch_size = labels, batch_size
        self.steps = -(-len(labels) // batch_size)
        self.steps_per_execution = -(-self.steps // EXECUTIONS)
        self._random = np.random.default_rng(seed)
        self._epoch, self._order = 0, np.arange(len(labels))

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch, self._order = epoch, self._random.permutation(len(self._order))

    def _read_parts(self) -> Iterator[tuple[int, Images, Labels]]:
        """Yields the number of a part's first step, and the images and labels of its batches."""
        step, size = self._epoch * self.steps, self._batch_size
        for start in range(0, len(self._order), rows := max(1, PART // size) * size):
            part = self._order[start : start + rows]
            whole = len(part) // size * size
            for batches in (part[:whole].reshape(-1, size), part[None, whole:]):
                if batches.size:  # the last batch may be shorter
                    images = self._images[batches.ravel()].reshape(*batches.shape, *SHAPE)
                    yield step, images, self._labels[batches]
                    step += len(batches)

    def dataset(self, *, augment: Augment | None = None, augment_seed: int = 0) -> tf.data.Dataset:
        """Returns batches of images and labels for one epoch.

        Args:
            augment: distorts a batch of images, given a seed of two integers.
            augment_seed: the first of these integers; the second is the number of the step.
        """
        images, labels = tf.TensorSpec([None, None, *SHAPE]), tf.TensorSpec([None, None], tf.uint8)
        parts = tf.data.Dataset.from_generator(
            self._read_parts, output_signature=(tf.TensorSpec([], tf.int64), images, labels)
        )
        batches = parts.flat_map(lambda step, x, y: _slice(x, y).enumerate(step))
        if augment is None:
            batches = batches.map(lambda _, xy: xy)
        else:
            batches = batches.map(lambda step, xy: (augment(xy[0], [augment_seed, step]), xy[1]))
        return batches.apply(tf.data.experimental.assert_cardinality(self.steps))


def _slice(images: tf.Tensor, labels: tf.Tensor) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices((images, labels))


def validation_batches(images: ImageRows, labels: Labels) -> tf.data.Dataset:
    """Returns batches of images and labels in their order; only `BATCH` are in memory at a time."""

    def read() -> Iterator[tuple[Images, Labels]]:
        for start in range(0, len(images), BATCH):
            yield images[start : start + BATCH], labels[start : start + BATCH]

    specs = tf.TensorSpec([None, *SHAPE]), tf.TensorSpec([None], tf.uint8)
    batches = tf.data.Dataset.from_generator(read, output_signature=specs)
    return batches.apply(tf.data.experimental.assert_cardinality(-(-len(images) // BATCH)))


def smooth(batches: tf.data.Dataset, share: float) -> tf.data.Dataset:
    """Turns labels into probabilities (n, classes), a `share` of them spread over all classes."""

    def spread(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return images, tf.one_hot(labels, CLASS_COUNT) * (1 - share) + share / CLASS_COUNT

    return batches.map(spread)


class Report(keras.callbacks.Callback):  # type: ignore[misc]
    """Shows a progress bar, and prints a line after each epoch.

    Args:
        title: how each line begins.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def on_train_begin(self, logs: Logs = None) -> None:
        self._bar = Progress(self.params["epochs"] * self.params["steps"], "batches")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        # `batch` is the last of an execution, which the end of an epoch cuts short.
        done = min(batch + 1, self.params["steps"]) + self._epoch * self.params["steps"]
        self._bar.update(done - self._bar.n)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        scores = "loss {loss:.4f}, accuracy {accuracy:.4f}"
        scores += "; validation loss {val_loss:.4f}, accuracy {val_accuracy:.4f}"
        line = scores.format(**logs or {})
        self._bar.say(f"{self._title}epoch {epoch + 1}/{self.params['epochs']}: {line}")

    def on_train_end(self, logs: Logs = None) -> None:
        self._bar.close()
