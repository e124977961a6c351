"""How `svm` and `knn` are trained with scikit-learn; `exemplars` saves and runs them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC

from stages.classifiers import exemplars
from stages.classifiers.chunks import predict_chunks
from stages.classifiers.features import Floats
from stages.classifiers.saved import write_manifest
from stages.formats.prepared import ImageRows, Labelled, Labels
from stages.formats.task import CLASS_COUNT, CLASSES
from stages.harness.errors import InputError
from stages.harness.progress import Progress
from stages.scoring.metrics import Curve, learning_curve, log_loss, loss_and_accuracy
from stages.training.encoding import fit_encoding
from stages.training.strokes import draw_on


class Svm:
    """Trains a support vector machine for each pair of classes, on histograms of gradients."""

    def __init__(
        self, *, cost: float, gamma: float, folds: int, strokes: float, seed: int, **encoding: Any
    ) -> None:
        self._encoding, self._seed, self._strokes = encoding, seed, strokes
        self._cost, self._gamma, self._folds = cost, gamma, folds

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Trains on `images` and `labels`; `validation` is only scored.

        The probabilities are calibrated by cross-validation within the training rows. See
        `train.Trainable`.
        """
        if CLASS_COUNT < 3:  # scikit-learn turns the sign of a single pair round
            raise InputError("svm needs 3 classes or more; choose knn, mlp or cnn as train.model")
        counts = np.bincount(labels, minlength=CLASS_COUNT)
        if counts.min() < self._folds:
            raise InputError(
                f"models.svm.folds: {self._folds}; expected at most {counts.min()}: "
                f"class {CLASSES[counts.argmin()]} has {counts.min()} training rows"
            )
        images = draw_on(images, labels, share=self._strokes, seed=self._seed)
        encoding, vectors = fit_encoding(images, None, "svm", **self._encoding)
        gamma = float(self._gamma / vectors.var(axis=0).sum())
        machine = SVC(C=self._cost, gamma=gamma, decision_function_shape="ovo", cache_size=500)
        with Progress(self._folds + 1, "machines") as bar:
            decisions = self._cross_validate(machine, vectors, labels, bar)
            machine.fit(vectors, labels)
        slope, power = maximize_likelihood(
            lambda slope, power: exemplars.couple(decisions, slope, power),
            labels,
            start=(4, 1),
            bounds=((0.1, 100), (0.01, 10)),
        )
        self.trained = exemplars.SupportVectors(
            **encoding,
            vectors=vectors[machine.support_],
            coefficients=spread_coefficients(machine),
            intercepts=machine.intercept_.astype(np.float32),
            gamma=gamma,
            slope=slope,
            power=power,
        )
        print(f"{len(machine.support_):,} of {len(labels):,} training images are support vectors")
        return make_curve(self.trained, self.trained.classify(vectors), labels, validation)

    def _cross_validate(
        self, machine: SVC, vectors: Floats, labels: Labels, bar: Progress
    ) -> npt.NDArray[Any]:
        """Decides about each row with a machine that was trained without it: float64 (n, pairs)."""
        folds = StratifiedKFold(self._folds, shuffle=True, random_state=self._seed)
        decisions = np.empty((len(labels), exemplars.PAIRS))
        for i, (train, held_out) in enumerate(folds.split(vectors, labels), 1):
            machine.fit(vectors[train], labels[train])
            decisions[held_out] = machine.decision_function(vectors[held_out])
            bar.say(f"trained machine {i} of {self._folds} for the probabilities")
            bar.update()
        return decisions

    def save(self, folder: Path) -> None:
        self.trained.save(folder)
        write_manifest(folder, family="support_vectors", model="svm")


def spread_coefficients(machine: SVC) -> Floats:
    """Spreads scikit-learn's dual coefficients over the pairs of classes.

    Returns:
        float32 (n, pairs) for n support vectors; 0 where a vector does not belong to the pair.
    """
    classes = np.repeat(np.arange(CLASS_COUNT), machine.n_support_)
    rows = np.arange(len(classes))
    coefficients = np.zeros((len(classes), exemplars.PAIRS), np.float32)
    pairs = zip(exemplars.FIRST, exemplars.SECOND, strict=True)
    for pair, (first, second) in enumerate(pairs):
        # scikit-learn has a row for each other class in order: the coefficients against it.
        for label, against in ((first, second - 1), (second, first)):
            label_rows = rows[classes == label]
            coefficients[label_rows, pair] = machine.dual_coef_[against, label_rows]
    return coefficients


class Knn:
    """Trains k nearest neighbours on histograms of gradients."""

    def __init__(self, *, neighbours: int, seed: int, **encoding: Any) -> None:
        del seed  # nothing is drawn at random
        self._neighbours, self._encoding = neighbours, encoding

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Keeps all of `images` and `labels`; `validation` is only scored.

        The probabilities are calibrated on each training row's neighbours among the other
        training rows. The training rows are scored in the same way. See `train.Trainable`.
        """
        if self._neighbours >= len(images):
            raise InputError(
                f"models.knn.neighbours: {self._neighbours} of {len(images)} training rows; "
                "expected fewer than there are"
            )
        encoding, vectors = fit_encoding(images, labels, "knn", **self._encoding)
        kept = {**encoding, "vectors": vectors, "labels": labels, "neighbours": self._neighbours}
        distances, nearest = exemplars.Neighbours(**kept, reach=1, prior=1).find_nearest()
        votes = labels[nearest]
        scale = float(vectors.var(axis=0).sum())
        reach, prior = maximize_likelihood(
            lambda reach, prior: exemplars.vote(distances, votes, reach * scale, prior),
            labels,
            start=(0.05, 0.001),
            bounds=((1e-3, 1e3), (1e-6, 1)),
        )
        self.trained = exemplars.Neighbours(**kept, reach=reach * scale, prior=prior)
        probabilities = exemplars.vote(distances, votes, reach * scale, prior)
        return make_curve(self.trained, probabilities, labels, validation)

    def save(self, folder: Path) -> None:
        self.trained.save(folder)
        write_manifest(folder, family="neighbours", model="knn")


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
    trained: exemplars.Exemplars,
    probabilities: npt.NDArray[np.float64],
    labels: Labels,
    validation: Labelled,
) -> Curve:
    """Makes a learning curve of one epoch: these classifiers read the training rows once."""
    images, validation_labels = validation
    validation_scores = loss_and_accuracy(validation_labels, predict_chunks(trained, images))
    return learning_curve([(loss_and_accuracy(labels, probabilities), validation_scores)])
