"""How a Keras network is trained."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from stages.classifiers.network import BATCH
from stages.formats.prepared import ImageRows, Labelled, Labels, Rows
from stages.formats.task import CLASS_COUNT, SHAPE
from stages.harness.progress import Progress
from stages.scoring.metrics import Scores, loss_and_accuracy
from stages.training.backend import keras, tf
from stages.training.strokes import draw_on

KEPT = 100 * BATCH  # training images that are held in memory; of more, only a part at a time
PART = 20 * BATCH  # images of such a part, about
BAR_MOVES = 20  # updates of the progress bar in an epoch, at least

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


class Member:
    """Trains one network with Adam on the sparse categorical cross-entropy.

    With networks as small as these, `keras.Model.fit` spends most of its time between the steps.
    Here one TensorFlow function runs many steps, each from a batch to the updated weights.

    Args:
        model: an untrained network from images to probabilities.
        rate: gives the learning rate, or its schedule, for the total number of steps.
        seed: of the order of the training rows.
        weight_decay: each step subtracts this fraction of a weight, times the learning rate
            (I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization", 2019).
        label_smoothing: the fraction of a label that is spread over all classes (C. Szegedy et
            al., "Rethinking the Inception Architecture for Computer Vision", 2016).
        augment: distorts a batch of images, given a seed of two integers.
        augment_seed: the first of these integers; the second is the number of the step.
        strokes: the share of the 1s and 7s that are drawn on, by `augment_seed`; see `DrawnOn`.
    """

    def __init__(
        self,
        model: keras.Sequential,
        *,
        rate: Callable[[int], float | keras.optimizers.schedules.LearningRateSchedule],
        batch_size: int,
        epochs: int,
        seed: int,
        weight_decay: float = 0,
        label_smoothing: float = 0,
        augment: Augment | None = None,
        augment_seed: int = 0,
        strokes: float = 0,
    ) -> None:
        self.model, self.epochs = model, epochs
        self._rate, self._weight_decay = rate, weight_decay
        self._label_smoothing, self._batch_size = label_smoothing, batch_size
        self._seed, self._augment, self._augment_seed = seed, augment, augment_seed
        self._strokes = strokes

    def fit(
        self,
        images: ImageRows,
        labels: Labels,
        validation: Labelled,
        *,
        bar: Progress,
        title: str = "",
    ) -> list[Scores]:
        """Trains, once only, as `Network.fit` says; gives the scores after each epoch.

        Args:
            title: how each line about an epoch begins.
        """
        steps = self.epochs * -(-len(images) // self._batch_size)
        self._optimizer = Adam(self._rate(steps), weight_decay=self._weight_decay or None)
        self._optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._optimizer.build(self.model.trainable_variables)
        shuffler = np.random.default_rng(self._seed)
        images = draw_on(images, labels, share=self._strokes, seed=self._augment_seed)
        images = images[:] if len(images) <= KEPT else images
        scores = []
        for epoch in range(1, self.epochs + 1):
            train = self._train_epoch(images, labels, shuffler.permutation(len(images)), bar)
            held_out = loss_and_accuracy(validation[1], self._predict(validation[0]))
            scores.append((train, held_out))
            bar.say(
                f"{title}epoch {epoch}/{self.epochs}: "
                f"loss {train[0]:.4f}, accuracy {train[1]:.4f}; "
                f"validation loss {held_out[0]:.4f}, accuracy {held_out[1]:.4f}"
            )
        return scores

    def _train_epoch(
        self, images: ImageRows, labels: Labels, order: Rows, bar: Progress
    ) -> tuple[float, float]:
        whole = len(order) // self._batch_size * self._batch_size
        batches = order[:whole].reshape(-1, self._batch_size)
        count = max(BAR_MOVES, -(-whole // PART))
        parts = [part for part in np.array_split(batches, count) if len(part)]
        if whole < len(order):
            parts.append(order[None, whole:])  # the last batch is shorter
        loss, hits = 0.0, 0.0
        for part in parts:
            x = images[part.ravel()].reshape(*part.shape, *SHAPE)
            y = labels[part].astype(np.int32)
            part_loss, part_hits = self._steps(x, y).numpy().tolist()
            loss, hits = loss + part_loss, hits + part_hits
            bar.update(part.size)
        return loss / len(order), hits / len(order)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, *SHAPE], tf.float32),
            tf.TensorSpec([None, None], tf.int32),
        ]
    )
    def _steps(self, images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Runs a step for each batch of images; returns the summed loss and correct count."""
        weights = self.model.trainable_variables
        sums = tf.zeros(2)
        for i in tf.range(tf.shape(labels)[0]):
            x, y = images[i], labels[i]
            with tf.GradientTape() as tape:
                probabilities = self.model(self._distort(x), training=True)
                losses = self._losses(y, probabilities)
                loss = tf.reduce_mean(losses)
            self._optimizer.apply(tape.gradient(loss, weights), weights)
            hits = tf.argmax(probabilities, axis=1, output_type=tf.int32) == y
            sums += tf.stack([tf.reduce_sum(losses), tf.reduce_sum(tf.cast(hits, tf.float32))])
        return sums

    def _losses(self, labels: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
        if not self._label_smoothing:
            return keras.losses.sparse_categorical_crossentropy(labels, probabilities)
        return keras.losses.categorical_crossentropy(
            tf.one_hot(labels, CLASS_COUNT), probabilities, label_smoothing=self._label_smoothing
        )

    def _distort(self, images: tf.Tensor) -> tf.Tensor:
        if self._augment is None:
            return images
        step = tf.cast(self._optimizer.iterations.value, tf.int64)
        return self._augment(images, tf.stack([tf.constant(self._augment_seed, tf.int64), step]))

    def _predict(self, images: ImageRows) -> npt.NDArray[np.float32]:
        batches = (images[start : start + BATCH] for start in range(0, len(images), BATCH))
        return np.concatenate([self._infer(batch) for batch in batches])

    @tf.function(input_signature=[tf.TensorSpec([None, *SHAPE], tf.float32)])
    def _infer(self, images: tf.Tensor) -> tf.Tensor:
        return self.model(images, training=False)
