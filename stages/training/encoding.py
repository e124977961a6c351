"""How images become the short vectors that `svm` and `knn` compare."""

from typing import Any

import numpy as np

from stages.classifiers.features import PROBE, Encoding, Floats, extract_features
from stages.formats.prepared import ImageRows, Labels
from stages.harness.errors import InputError

SHRINKAGE = 1.0  # see `whiten`


def fit_encoding(
    images: ImageRows, labels: Labels | None, model: str, params: Encoding
) -> tuple[dict[str, Any], Floats]:
    """Fits the principal components that turn the features of an image into a short vector.

    Args:
        model: whose parameters these are, for an error.
        labels: for components of the features as `whiten` changes them; None to leave them.

    Returns:
        The arguments of `Exemplars` for it, and the images' vectors: float32 (n, components).

    Raises:
        InputError: there are too few images or features, or the images are all alike.
    """
    from sklearn.decomposition import PCA

    shape, components = (params.deskew, params.orientations, params.cells), params.components
    features = extract_features(images, *shape)
    if components > min(features.shape):
        raise InputError(
            f"models.{model}.components: {components}; expected at most {min(features.shape)}: "
            f"there are {len(features)} training rows with {features.shape[1]} features each"
        )
    if not features.var(axis=0).any():
        raise InputError("the training images are all alike; expected different images")
    mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    features -= mean
    pca = PCA(components, svd_solver="covariance_eigh")
    if labels is None:
        axes = pca.fit(features).components_
    else:
        whitening = whiten(features, labels)
        axes = pca.fit(features @ whitening).components_ @ whitening.T
    axes = axes.astype(np.float32)
    kept = dict(zip(("upright", "orientations", "cells"), shape, strict=True))
    probe = extract_features(PROBE, *shape)[0]
    return {**kept, "mean": mean, "axes": axes, "probe": probe}, features @ axes.T


def whiten(features: Floats, labels: Labels, shrinkage: float = SHRINKAGE) -> Floats:
    """Finds axes along which the images of one class differ about equally.

    Differences that are common within a class say little of the class, so they count less.

    Args:
        features: float32 (n, features).
        shrinkage: added to each variance, in units of their mean; the larger, the less it changes.

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
    scaled: Floats = axes / np.sqrt(variances + max(shrinkage * variances.mean(), 1e-6))
    return scaled.astype(np.float32)
