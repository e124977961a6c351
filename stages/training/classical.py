"""What the training of `svm` and of `knn` has in common."""

from collections.abc import Callable
from typing import Any

import numpy as np

from stages.classifiers.chunks import predict_chunks
from stages.classifiers.features import PROBE, SIDE, Floats, extract_features
from stages.classifiers.instance_based import Doubles, InstanceBased
from stages.formats.prepared import ImageRows, Labelled, Labels
from stages.harness.errors import InputError
from stages.harness.params import Train
from stages.harness.section import Encoding
from stages.scoring.metrics import Curve, learning_curve, log_loss, loss_and_accuracy

MOST_ROWS = 100_000  # the time grows with the square of the rows: this takes minutes


def check_train(model: str, train: Train, count: int) -> None:
    """Raises an InputError for another device than a cpu, or for too many training rows."""
    if train.device != "cpu":
        raise InputError(f"train.device: {train.device}; expected cpu: scikit-learn trains {model}")
    if train.rows is None and count > 1.01 * MOST_ROWS:  # so that a sample can be drawn
        fault = f"train.model: {model} would take long with {count:,} training rows"
        fix = f"set train.rows={MOST_ROWS} for a stratified sample (or any other number, to wait"
        raise InputError(f"{fault}; expected at most {MOST_ROWS:,}: {fix}), or choose mlp or cnn")


def fit_encoding(
    images: ImageRows, labels: Labels | None, model: str, params: Encoding
) -> tuple[dict[str, Any], Floats]:
    """Fits the principal components that turn the features of an image into a short vector.

    With labels, they are components of the features as `whiten` changes them. `model` is named in
    errors. Returns the arguments of `InstanceBased`, and vectors: float32 (n, components).

    Raises an InputError if there are too few images or features, or the images are all alike.
    """
    from sklearn.decomposition import PCA

    shape, cells = images[:1].shape[1:], params.cells
    if cells > (side := min(shape[:2])):
        raise InputError(f"models.{model}.cells: {cells}; expected at most {side}: the pixels")
    upright = params.deskew and shape == (SIDE, SIDE, 1)
    kind: dict[str, Any] = {"upright": upright, "orientations": params.orientations, "cells": cells}
    features = extract_features(images, **kind)
    most, (rows, columns) = min(features.shape), features.shape
    if params.components > most:
        fault = f"{params.components}; expected at most {most}"
        reason = f"there are {rows} training rows with {columns} features each"
        raise InputError(f"models.{model}.components: {fault}: {reason}")
    if not features.var(axis=0).any():
        raise InputError("the training images are all alike; expected different images")
    mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    features -= mean
    pca = PCA(params.components, svd_solver="covariance_eigh")
    if labels is None:
        axes = pca.fit(features).components_
    else:
        whitening = whiten(features, labels)
        axes = pca.fit(features @ whitening).components_ @ whitening.T
    axes = axes.astype(np.float32)
    probe = extract_features(PROBE, **kind)[0]
    return {**kind, "mean": mean, "axes": axes, "probe": probe}, features @ axes.T


def whiten(features: Floats, labels: Labels) -> Floats:
    """Finds axes along which the images of one class differ about equally.

    Differences that are common within a class say little of the class, so they count less. Of
    features (n, features), each column of what is returned, (features, features), is an axis.

    Source: R. A. Fisher, "The Use of Multiple Measurements in Taxonomic Problems", 1936: the
    variance within the classes as the measure of distance.
    """
    covariance = np.zeros(2 * features.shape[1:])
    for label in np.unique(labels):
        members = features[labels == label]
        members -= members.mean(axis=0)
        covariance += members.T @ members / len(features)
    variances, axes = np.linalg.eigh(covariance)
    # The mean is added to each variance, so that no axis becomes much longer than the others.
    return np.asarray(axes / np.sqrt(variances + max(variances.mean(), 1e-6)), np.float32)


def maximize_likelihood(
    predict: Callable[[float, float], Doubles],
    labels: Labels,
    *,
    start: tuple[float, float],
    bounds: tuple[tuple[float, float], tuple[float, float]],
) -> tuple[float, float]:
    """Finds the two positive numbers for which `predict` has the least mean log loss.

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
    best: tuple[float, float] = tuple(np.exp(result.x).tolist())
    return best


def make_curve(
    trained: InstanceBased, probabilities: Doubles, labels: Labels, validation: Labelled
) -> Curve:
    """Makes a learning curve of one epoch: these models read the training rows once.

    `probabilities` (n, classes) are of the training rows.
    """
    images, validation_labels = validation
    pairs = (labels, probabilities), (validation_labels, predict_chunks(trained, images))
    scores = [loss_and_accuracy(*pair) for pair in pairs]
    return learning_curve([np.ravel(scores, order="F")])  # the losses, then the accuracies
