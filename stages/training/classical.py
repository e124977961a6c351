"""What the training of `svm` and of `knn` has in common."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.classifiers.chunks import predict_chunks
from stages.classifiers.features import PROBE, SIDE, Encoding, Floats, extract_features
from stages.classifiers.instance_based import InstanceBased
from stages.formats.prepared import ImageRows, Labelled, Labels
from stages.harness.errors import InputError
from stages.harness.params import Train
from stages.scoring.metrics import Curve, learning_curve, log_loss, loss_and_accuracy

MOST_ROWS = 100_000  # the time grows with the square of the rows: this takes minutes


def check_train(model: str, train: Train, count: int) -> None:
    """Raises an InputError for another device than a cpu, or for too many training rows."""
    if train.device != "cpu":
        raise InputError(f"train.device: {train.device}; expected cpu: scikit-learn trains {model}")
    if train.rows is None and count > 1.01 * MOST_ROWS:  # so that a sample can be drawn
        raise InputError(
            f"train.model: {model} would take long with {count:,} training rows; expected at most "
            f"{MOST_ROWS:,}: set train.rows={MOST_ROWS} for a stratified sample (or any other "
            "number, to wait for it), or choose mlp or cnn"
        )


def fit_encoding(
    images: ImageRows, labels: Labels | None, model: str, params: Encoding
) -> tuple[dict[str, Any], Floats]:
    """Fits the principal components that turn the features of an image into a short vector.

    Args:
        model: whose parameters these are, for an error.
        labels: for components of the features as `whiten` changes them; None to leave them.

    Returns:
        The arguments of `InstanceBased` for it, and the images' vectors: float32 (n, components).

    Raises:
        InputError: there are too few images or features, or the images are all alike.
    """
    from sklearn.decomposition import PCA

    *size, channels = images[:1].shape[1:]
    upright, orientations, cells = params.deskew, params.orientations, params.cells
    upright = upright and (*size, channels) == (SIDE, SIDE, 1)
    if cells > min(size):
        raise InputError(f"models.{model}.cells: {cells}; expected at most {min(size)}: the pixels")
    shape: dict[str, Any] = {"upright": upright, "orientations": orientations, "cells": cells}
    features = extract_features(images, **shape)
    if params.components > min(features.shape):
        raise InputError(
            f"models.{model}.components: {params.components}; expected at most "
            f"{min(features.shape)}: there are {len(features)} training rows with "
            f"{features.shape[1]} features each"
        )
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
    probe = extract_features(PROBE, **shape)[0]
    return {**shape, "mean": mean, "axes": axes, "probe": probe}, features @ axes.T


def whiten(features: Floats, labels: Labels) -> Floats:
    """Finds axes along which the images of one class differ about equally.

    Differences that are common within a class say little of the class, so they count less.

    Args:
        features: float32 (n, features).

    Returns:
        float32 (features, features); each column is an axis.

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
    scaled: Floats = axes / np.sqrt(variances + max(variances.mean(), 1e-6))
    return scaled.astype(np.float32)


def maximize_likelihood(
    predict: Callable[[float, float], npt.NDArray[np.float64]],
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
    first, second = np.exp(result.x).tolist()
    return first, second


def make_curve(
    trained: InstanceBased,
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
    losses, accuracies = zip(
        loss_and_accuracy(labels, probabilities), validation_scores, strict=True
    )
    return learning_curve([losses + accuracies])
