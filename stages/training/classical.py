"""What the training of `svm` and of `knn` has in common."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from stages.classifiers.chunks import predict_chunks
from stages.classifiers.exemplars import Exemplars
from stages.formats.prepared import Labelled, Labels
from stages.formats.task import CLASS_COUNT
from stages.harness.errors import InputError
from stages.harness.params import Train
from stages.scoring.metrics import Curve, learning_curve, log_loss, loss_and_accuracy

MEASURED_ROWS, MOST_ROWS = 33_600, 100_000


def check_train(model: str, train: Train, count: int, seconds: float) -> None:
    """Raises an InputError for another device than a cpu, or for a training set that is too large.

    Args:
        count: the number of training rows. The time grows with its square.
        seconds: the time of a training with `MEASURED_ROWS` on two cores.
    """
    if train.device != "cpu":
        raise InputError(f"train.device: {train.device}; expected cpu: scikit-learn trains {model}")
    if train.rows is None and count >= MOST_ROWS + CLASS_COUNT:  # so that a sample can be drawn
        minutes = seconds * (count / MEASURED_ROWS) ** 2 / 60
        raise InputError(
            f"train.model: {model} with {count:,} training rows would take {minutes:,.0f} minutes "
            f"or more for each fold; expected at most {MOST_ROWS:,}: set train.rows={MOST_ROWS} "
            "for a stratified sample (or any other number, to wait for it), or choose mlp or cnn"
        )


def maximize_likelihood(
    predict: Callable[[float, float], npt.NDArray[np.float64]],
    labels: Labels,
    *,
    start: tuple[float, float],
    bounds: tuple[tuple[float, float], tuple[float, float]],
) -> tuple[float, float]:
    """Finds the two positive numbers for which `predict` gives the least mean log loss.

    Source: J. A. Nelder and R. Mead, "A Simplex Method for Function Minimization", 1965; here on
    the logarithms of the numbers.
    """
    from scipy.optimize import minimize

    result = minimize(
        lambda logs: log_loss(labels, predict(*np.exp(logs))),
        np.log(start),
        bounds=np.log(bounds),
        method="Nelder-Mead",
        options={"xatol": 0.01, "fatol": 1e-6},
    )
    first, second = np.exp(result.x).tolist()
    return first, second


def make_curve(
    trained: Exemplars,
    probabilities: npt.NDArray[np.float64],
    labels: Labels,
    validation: Labelled,
) -> Curve:
    """Makes a learning curve of one epoch: these models read the training rows once.

    Args:
        probabilities: (n, classes), of the training rows.
    """
    images, validation_labels = validation
    validation_scores = loss_and_accuracy(validation_labels, predict_chunks(trained, images))
    return learning_curve([(loss_and_accuracy(labels, probabilities), validation_scores)])
