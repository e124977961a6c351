"""`regression`: scikit-learn's, saved as arrays, so that loading it runs no code."""

from pathlib import Path
from typing import Self

import numpy as np
from scipy.special import softmax

from stages.formats.prepared import ImageRows, Images, Labelled, Labels, Probabilities
from stages.harness.params import Train
from stages.harness.section import Section
from stages.scoring.metrics import Curve, learning_curve, loss_and_accuracy

DESCRIPTION = "logistic regression on the pixels"
FILE = "regression.npz"


class Params(Section):
    iterations: int


class Regression:
    """Trains it with scikit-learn; see `Trainable`. A trained one is a `Classifier`."""

    FAMILY = "regression"

    def __init__(self, params: Params, train: Train) -> None:
        self._params, self._seed = params, train.seed

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        from sklearn.linear_model import LogisticRegression

        regression = LogisticRegression(max_iter=self._params.iterations, random_state=self._seed)
        regression.fit(images[:].reshape(len(images), -1), labels)
        self._weights, self._biases = regression.coef_.T, regression.intercept_
        parts = (images[:], labels), (validation[0][:], validation[1])
        each = [loss_and_accuracy(y, self.predict_proba(x)) for x, y in parts]
        return learning_curve([np.ravel(each, order="F")])  # the losses, then the accuracies

    def save(self, folder: Path) -> None:
        np.savez(folder / FILE, weights=self._weights, biases=self._biases)

    @classmethod
    def load(cls, folder: Path) -> Self:
        classifier = cls.__new__(cls)
        with np.load(folder / FILE, allow_pickle=False) as arrays:
            classifier._weights, classifier._biases = arrays["weights"], arrays["biases"]
        return classifier

    def predict_proba(self, images: Images) -> Probabilities:
        scores = images.reshape(len(images), -1) @ self._weights + self._biases
        probabilities: Probabilities = softmax(scores, axis=1).astype(np.float32)
        return probabilities


create, load = Regression, Regression.load
