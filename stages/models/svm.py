"""`svm`: a support vector machine for each pair of classes, on histograms of gradients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from stages.classifiers.exemplars import FIRST, PAIRS, SECOND, Doubles, SupportVectors, couple
from stages.classifiers.features import Encoding, Floats
from stages.formats.task import CLASS_COUNT, CLASSES
from stages.harness.errors import InputError
from stages.harness.section import Share

if TYPE_CHECKING:
    from sklearn.svm import SVC

    from stages.formats.prepared import ImageRows, Labelled, Labels
    from stages.harness.params import Train
    from stages.scoring.metrics import Curve

DESCRIPTION = "support vector machines on histograms of gradients"
SECONDS = 20  # see `check_train`


class Params(Encoding):
    cost: Annotated[float, Field(gt=0, le=1e6)]
    gamma: Annotated[float, Field(gt=0, le=1e6)]
    folds: Annotated[int, Field(ge=2, le=20)]
    strokes: Share


class Svm:
    """Trains the machines with scikit-learn; see `Trainable`."""

    FAMILY = "support_vectors"

    def __init__(self, params: Params, train: Train) -> None:
        self._params, self._train = params, train

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Trains on `images` and `labels`; `validation` is only scored.

        The probabilities are calibrated by cross-validation within the training rows.
        """
        from sklearn.svm import SVC

        from stages.training.classical import check_train, make_curve, maximize_likelihood
        from stages.training.encoding import fit_encoding
        from stages.training.strokes import draw_on

        params, seed = self._params, self._train.seed
        check_train("svm", self._train, len(labels), SECONDS)
        check_classes(labels, params.folds)
        images = draw_on(images, labels, share=params.strokes, seed=seed)
        encoding, vectors = fit_encoding(images, None, "svm", params)
        gamma = float(params.gamma / vectors.var(axis=0).sum())
        machine = SVC(C=params.cost, gamma=gamma, decision_function_shape="ovo", cache_size=500)
        decisions = cross_validate(machine, vectors, labels, folds=params.folds, seed=seed)
        machine.fit(vectors, labels)
        slope, power = maximize_likelihood(
            lambda slope, power: couple(decisions, slope, power),
            labels,
            start=(4, 1),
            bounds=((0.1, 100), (0.01, 10)),
        )
        self.trained = SupportVectors(
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

    def save(self, folder: Path) -> None:
        self.trained.save(folder)


def check_classes(labels: Labels, folds: int) -> None:
    """Raises an InputError if there are too few classes, or too few rows of one for the folds."""
    if CLASS_COUNT < 3:  # scikit-learn turns the sign of a single pair round
        raise InputError("svm needs 3 classes or more; choose knn, mlp or cnn as train.model")
    counts = np.bincount(labels, minlength=CLASS_COUNT)
    if counts.min() < folds:
        raise InputError(
            f"models.svm.folds: {folds}; expected at most {counts.min()}: "
            f"class {CLASSES[counts.argmin()]} has {counts.min()} training rows"
        )


def cross_validate(
    machine: SVC, vectors: Floats, labels: Labels, *, folds: int, seed: int
) -> Doubles:
    """Decides about each row with a machine that was trained without it: (n, pairs)."""
    from sklearn.model_selection import StratifiedKFold

    from stages.harness.progress import Progress

    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(vectors, labels)
    decisions = np.empty((len(labels), PAIRS))
    with Progress(folds, "machines") as bar:
        for i, (train, held_out) in enumerate(parts, 1):
            machine.fit(vectors[train], labels[train])
            decisions[held_out] = machine.decision_function(vectors[held_out])
            bar.say(f"trained machine {i} of {folds} for the probabilities")
            bar.update()
    return decisions


def spread_coefficients(machine: SVC) -> Floats:
    """Spreads scikit-learn's dual coefficients over the pairs of classes.

    Returns:
        float32 (n, pairs) for n support vectors; 0 where a vector does not belong to the pair.
    """
    classes = np.repeat(np.arange(CLASS_COUNT), machine.n_support_)
    rows = np.arange(len(classes))
    coefficients = np.zeros((len(classes), PAIRS), np.float32)
    for pair, (first, second) in enumerate(zip(FIRST, SECOND, strict=True)):
        # scikit-learn has a row for each other class in order: the coefficients against it.
        for label, against in ((first, second - 1), (second, first)):
            label_rows = rows[classes == label]
            coefficients[label_rows, pair] = machine.dual_coef_[against, label_rows]
    return coefficients


create, load = Svm, SupportVectors.load
