"""Trains `svm` and `knn` with scikit-learn; what they keep, and how they predict: `exemplars`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.decomposition import PCA
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC

from stages.classifier import write_manifest
from stages.dataset import CLASSES, Images, Labels
from stages.errors import InputError
from stages.exemplars import FIRST, SECOND, Exemplars, Neighbours, SupportVectors, coupled, voted
from stages.features import Floats, histograms
from stages.progress import Progress
from stages.scores import Curve, learning_curve, log_loss, loss_and_accuracy

Data = tuple[Images, Labels]


class Svm:
    """A support vector machine for each pair of digits, on histograms of gradients."""

    def __init__(
        self, *, cost: float, gamma: float, folds: int, seed: int, **encoding: Any
    ) -> None:
        self._encoding, self._seed = encoding, seed
        self._cost, self._gamma, self._folds = cost, gamma, folds

    def fit(self, images: Images, labels: Labels, validation: Data) -> Curve:
        """Trains on `images` and `labels`; `validation` is scored, no more.

        The probabilities are calibrated on decisions about rows that the machine deciding had
        not seen: cross-validation within the training rows.
        """
        counts = np.bincount(labels, minlength=CLASSES)
        if counts.min() < self._folds:
            raise InputError(
                f"models.svm.folds: {self._folds}; expected at most {counts.min()}: "
                f"digit {counts.argmin()} has {counts.min()} training rows"
            )
        encoding, vectors = encode(images, "svm", **self._encoding)
        gamma = float(self._gamma / vectors.var(axis=0).sum())
        machine = SVC(C=self._cost, gamma=gamma, decision_function_shape="ovo", cache_size=500)
        folds = StratifiedKFold(self._folds, shuffle=True, random_state=self._seed)
        decisions: npt.NDArray[Any] = np.empty((len(labels), len(FIRST)))
        with Progress(self._folds + 1, "machines") as bar:
            for i, (seen, unseen) in enumerate(folds.split(vectors, labels), 1):
                machine.fit(vectors[seen], labels[seen])
                decisions[unseen] = machine.decision_function(vectors[unseen])
                bar.say(f"machine {i} of {self._folds}, for the probabilities, is trained")
                bar.update()
            machine.fit(vectors, labels)
        slope, power = most_likely(
            lambda slope, power: coupled(decisions, slope, power),
            labels,
            start=(4, 1),
            bounds=((0.1, 100), (0.01, 10)),
        )
        self.trained = SupportVectors(
            **encoding,
            vectors=vectors[machine.support_],
            coefficients=pairwise_coefficients(machine),
            intercepts=machine.intercept_.astype(np.float32),
            gamma=gamma,
            slope=slope,
            power=power,
        )
        print(f"{len(machine.support_):,} of {len(labels):,} training digits are support vectors")
        return one_epoch(self.trained, self.trained.probabilities(vectors), labels, validation)

    def save(self, folder: Path) -> None:
        self.trained.save(folder)
        write_manifest(folder, family="support_vectors", model="svm")


def pairwise_coefficients(machine: SVC) -> Floats:
    """Spreads scikit-learn's dual coefficients over the pairs of digits: (kept, 45)."""
    digits = np.repeat(np.arange(CLASSES), machine.n_support_)
    rows = np.arange(len(digits))
    coefficients = np.zeros((len(digits), len(FIRST)), np.float32)
    for pair, (first, second) in enumerate(zip(FIRST, SECOND, strict=True)):
        # A column holds the digit's decisions against the other nine, in order.
        for digit, against in ((first, second - 1), (second, first)):
            own = rows[digits == digit]
            coefficients[own, pair] = machine.dual_coef_[against, own]
    return coefficients


class Knn:
    """The k nearest training images by their histograms of gradients vote."""

    def __init__(self, *, neighbours: int, seed: int, **encoding: Any) -> None:
        del seed  # nothing is drawn at random
        self._neighbours, self._encoding = neighbours, encoding

    def fit(self, images: Images, labels: Labels, validation: Data) -> Curve:
        """Keeps all of `images` and `labels`; `validation` is scored, no more.

        How distances become probabilities is fitted to each training row's neighbours among
        the other rows, and so is the score of the training part.
        """
        if self._neighbours >= len(images):
            raise InputError(
                f"models.knn.neighbours: {self._neighbours} of {len(images)} training rows; "
                "expected fewer than there are"
            )
        encoding, vectors = encode(images, "knn", **self._encoding)
        kept = {**encoding, "vectors": vectors, "labels": labels, "neighbours": self._neighbours}
        distances, digits = Neighbours(**kept, reach=1, prior=1).nearest()
        scale = float(vectors.var(axis=0).sum())
        reach, prior = most_likely(
            lambda reach, prior: voted(distances, digits, reach * scale, prior),
            labels,
            start=(0.05, 0.001),
            bounds=((1e-3, 1e3), (1e-6, 1)),
        )
        self.trained = Neighbours(**kept, reach=reach * scale, prior=prior)
        among_others = voted(distances, digits, reach * scale, prior)
        return one_epoch(self.trained, among_others, labels, validation)

    def save(self, folder: Path) -> None:
        self.trained.save(folder)
        write_manifest(folder, family="neighbours", model="knn")


def encode(
    images: Images, model: str, *, deskew: bool, orientations: int, cells: int, components: int
) -> tuple[dict[str, Any], Floats]:
    """Fits what turns an image into a vector.

    Returns:
        What `Exemplars` keeps of it, and the images' vectors: float32 (n, components).
    """
    features = histograms(images, deskew, orientations, cells)
    if components > min(features.shape):
        raise InputError(
            f"models.{model}.components: {components}; expected at most {min(features.shape)}: "
            f"there are {len(features)} training rows with {features.shape[1]} features each"
        )
    if not features.var(axis=0).any():
        raise InputError("the training images are all alike; expected different digits")
    pca = PCA(components, svd_solver="covariance_eigh").fit(features)
    mean, axes = pca.mean_.astype(np.float32), pca.components_.astype(np.float32)
    kept = {"upright": deskew, "orientations": orientations, "cells": cells}
    return {**kept, "mean": mean, "axes": axes}, (features - mean) @ axes.T


def most_likely(
    probabilities: Callable[[float, float], npt.NDArray[np.float64]],
    labels: Labels,
    *,
    start: tuple[float, float],
    bounds: tuple[tuple[float, float], tuple[float, float]],
) -> tuple[float, float]:
    """Finds the two numbers, above 0, for which the labels' mean log loss is least."""
    found = minimize(
        lambda logs: log_loss(labels, probabilities(*np.exp(logs))),
        np.log(start),
        bounds=np.log(bounds),
        method="Nelder-Mead",
        options={"xatol": 0.01, "fatol": 1e-6},
    )
    first, second = np.exp(found.x).tolist()
    return first, second


def one_epoch(
    trained: Exemplars, train: npt.NDArray[np.float64], labels: Labels, validation: Data
) -> Curve:
    """A learning curve of one row: these classifiers look at the training rows once."""
    images, expected = validation
    scored = loss_and_accuracy(expected, trained.predict_proba(images))
    return learning_curve([(loss_and_accuracy(labels, train), scored)])
