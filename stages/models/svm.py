"""`svm`: a support vector machine for each pair of classes, on histograms of gradients."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from stages.classifiers.features import Floats
from stages.classifiers.instance_based import SupportVectors, pairwise_to_probabilities
from stages.harness.errors import InputError
from stages.harness.section import Encoding, Share

if TYPE_CHECKING:
    from sklearn.svm import SVC

    from stages.formats.prepared import ImageRows, Labelled, Labels
    from stages.formats.task import Task
    from stages.harness.params import Train
    from stages.scoring.metrics import Curve

DESCRIPTION = "support vector machines on histograms of gradients"
MOST_CLASSES = 60  # there is a machine for each pair: 1,770


class Params(Encoding):
    cost: Annotated[float, Field(gt=0, le=1e6)]
    gamma: Annotated[float, Field(gt=0, le=1e6)]
    folds: Annotated[int, Field(ge=2, le=20)]
    strokes: Share


class Svm:
    """Trains the machines with scikit-learn; see `Trainable`."""

    def __init__(self, params: Params, train: Train, task: Task) -> None:
        self._params, self._train, self.task = params, train, task

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Trains on `images` and `labels`; calibrates the probabilities by cross-validation."""
        from sklearn.model_selection import StratifiedKFold, cross_val_predict
        from sklearn.svm import SVC

        from stages.training import classical
        from stages.training.strokes import draw_on

        params, seed, classes = self._params, self._train.seed, len(self.task.classes)
        classical.check_train("svm", self._train, len(labels))
        check_classes(labels, self.task.classes, params.folds)
        images = draw_on(images, labels, self.task, share=params.strokes, seed=seed)
        encoding, vectors = classical.fit_encoding(images, None, "svm", params)
        gamma = float(params.gamma / vectors.var(axis=0).sum())
        machine = SVC(
            C=params.cost,
            gamma=gamma,
            decision_function_shape="ovo",
            cache_size=500,
            class_weight=self._train.class_weight,
        )
        folds = StratifiedKFold(params.folds, shuffle=True, random_state=seed)
        made = cross_val_predict(machine, vectors, labels, cv=folds, method="decision_function")
        sign = 1 if classes > 2 else -1  # scikit-learn turns the sign of a single pair round
        decisions = sign * made.reshape(len(labels), -1)
        machine.fit(vectors, labels)
        predict = partial(pairwise_to_probabilities, decisions, classes)
        start, bounds = (4, 1), ((0.1, 100), (0.01, 10))
        slope, power = classical.maximize_likelihood(predict, labels, start=start, bounds=bounds)
        self.trained = trained = SupportVectors(
            task=self.task,
            **encoding,
            vectors=vectors[machine.support_],
            coefficients=sign * spread_coefficients(machine),
            intercepts=sign * machine.intercept_.astype(np.float32),
            gamma=gamma,
            slope=slope,
            power=power,
        )
        print(f"svm: {len(machine.support_):,} of {len(labels):,} images are support vectors")
        return classical.make_curve(trained, trained.classify(vectors), labels, validation)

    def save(self, folder: Path) -> None:
        self.trained.save(folder)


def check_classes(labels: Labels, classes: tuple[str, ...], folds: int) -> None:
    """Raises an InputError if there are too many classes, or too few rows of one for the folds."""
    if len(classes) > MOST_CLASSES:
        fault = f"{len(classes)} classes; svm can learn {MOST_CLASSES}"
        raise InputError(f"{fault}: choose knn, mlp or cnn as train.model")
    counts = np.bincount(labels, minlength=len(classes))
    if counts.min() < folds:
        fault = f"class {classes[int(counts.argmin())]} has {counts.min()} training rows"
        raise InputError(f"models.svm.folds: {folds}; expected at most {counts.min()}: {fault}")


def spread_coefficients(machine: SVC) -> Floats:
    """Spreads scikit-learn's dual coefficients over the pairs of classes: float32 (n, pairs).

    Of the n support vectors, those that do not belong to a pair have 0.
    """
    rows = np.split(np.arange(len(machine.support_)), np.cumsum(machine.n_support_)[:-1])
    pairs = [*combinations(range(len(rows)), 2)]
    coefficients = np.zeros((len(machine.support_), len(pairs)), np.float32)
    for pair, (first, second) in enumerate(pairs):
        # scikit-learn has a row for each other class in order: the coefficients against it.
        coefficients[rows[first], pair] = machine.dual_coef_[second - 1, rows[first]]
        coefficients[rows[second], pair] = machine.dual_coef_[first, rows[second]]
    return coefficients


create, load = Svm, SupportVectors.load
