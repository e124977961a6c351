"""Classifiers that compare an image with training images that they keep: `svm` and `knn`."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from stages.arrays import Shapes, read_arrays
from stages.dataset import CLASSES, Images, Labels
from stages.errors import InputError
from stages.features import Floats, histograms

Doubles = npt.NDArray[np.float64]

ARRAYS = "model.npz"
BLOCK = 500  # images at a time; bounds the memory
FIRST, SECOND = np.triu_indices(CLASSES, 1)  # the pairs of digits: 0-1, 0-2, ... 8-9
PAIRS = len(FIRST)

# See `read_arrays`.
EXEMPLARS: Shapes = {
    "upright": ("bool", ()),
    "orientations": ("int64", ()),
    "cells": ("int64", ()),
    "mean": ("float32", ("features",)),
    "axes": ("float32", ("components", "features")),
    "vectors": ("float32", ("kept", "components")),
}


@dataclass(frozen=True, kw_only=True)
class Exemplars:
    """What the two have in common: how an image becomes a vector, and the vectors kept.

    Attributes:
        upright, orientations, cells: see `features.histograms`.
        mean: float32 (features,), of the training images' histograms.
        axes: float32 (components, features), the principal ones.
        vectors: float32 (kept, components), of training images.
    """

    FILES: ClassVar[tuple[str, ...]] = (ARRAYS,)
    SHAPES: ClassVar[Shapes]

    upright: bool
    orientations: int
    cells: int
    mean: Floats
    axes: Floats
    vectors: Floats

    def __post_init__(self) -> None:
        features = self.orientations * self.cells**2
        if self.orientations < 1 or features != len(self.mean):
            raise ValueError(f"{len(self.mean)} features; expected {features}")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads what `save` wrote.

        Raises:
            InputError: not exactly the arrays that the classifier needs.
        """
        path = folder / ARRAYS
        try:
            return cls(**read_arrays(path, cls.SHAPES))
        except ValueError as error:
            raise InputError(
                f"{path}: not this classifier's arrays: {error}; train again"
            ) from None

    def save(self, folder: Path) -> None:
        np.savez(folder / ARRAYS, allow_pickle=False, **vars(self))

    def encode(self, images: Images) -> Floats:
        """Gives float32 (n, components) for images (n, 28, 28, 1), each value in [0, 1]."""
        features = histograms(images, self.upright, self.orientations, self.cells)
        vectors: Floats = np.matmul(features - self.mean, self.axes.T)
        return vectors

    def predict_proba(self, images: Images) -> Floats:
        """See `classifier.Classifier`."""
        return self.probabilities(self.encode(images)).astype(np.float32)

    def probabilities(self, vectors: Floats) -> Doubles:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class SupportVectors(Exemplars):
    """A support vector machine with a radial kernel for each pair of digits.

    Attributes:
        coefficients: float32 (kept, 45), of each vector in each pair's decision.
        intercepts: float32 (45,).
        gamma: of the kernel, exp(-gamma * squared distance).
        slope, power: see `coupled`.
    """

    SHAPES: ClassVar[Shapes] = EXEMPLARS | {
        "coefficients": ("float32", ("kept", PAIRS)),
        "intercepts": ("float32", (PAIRS,)),
        "gamma": ("float64", ()),
        "slope": ("float64", ()),
        "power": ("float64", ()),
    }

    coefficients: Floats
    intercepts: Floats
    gamma: float
    slope: float
    power: float

    def decisions(self, vectors: Floats) -> Floats:
        """Gives float32 (n, 45): see `coupled`."""
        kernels = (
            self._kernel(vectors[start : start + BLOCK]) for start in range(0, len(vectors), BLOCK)
        )
        return np.concatenate([kernel @ self.coefficients for kernel in kernels]) + self.intercepts

    def _kernel(self, vectors: Floats) -> Floats:
        kept = self.vectors
        squares = (vectors * vectors).sum(axis=1)[:, None] + (kept * kept).sum(axis=1)
        squares = np.maximum(0, squares - 2 * (vectors @ kept.T))
        kernel: Floats = np.exp(-self.gamma * squares)
        return kernel

    def probabilities(self, vectors: Floats) -> Doubles:
        return coupled(self.decisions(vectors), self.slope, self.power)


@dataclass(frozen=True, kw_only=True)
class Neighbours(Exemplars):
    """The k nearest of all training images vote.

    Attributes:
        labels: uint8 (kept,), the digits of `vectors`.
        neighbours: k.
        reach, prior: see `voted`.
    """

    SHAPES: ClassVar[Shapes] = EXEMPLARS | {
        "labels": ("uint8", ("kept",)),
        "neighbours": ("int64", ()),
        "reach": ("float64", ()),
        "prior": ("float64", ()),
    }

    labels: Labels
    neighbours: int
    reach: float
    prior: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.neighbours <= len(self.vectors):
            raise ValueError(f"{self.neighbours} neighbours of {len(self.vectors)}")
        if self.labels.max() >= CLASSES:
            raise ValueError(f"label {self.labels.max()}; expected 0-{CLASSES - 1}")

    def nearest(self, vectors: Floats | None = None) -> tuple[Floats, Labels]:
        """Finds the neighbours of `vectors`, or of each kept vector among all others.

        Returns:
            Euclidean distances (n, k), the nearest first, and digits (n, k).
        """
        from sklearn.neighbors import NearestNeighbors  # a second to import, only for `knn`

        index = NearestNeighbors(n_neighbors=self.neighbours, algorithm="brute").fit(self.vectors)
        distances, rows = index.kneighbors(vectors)
        return distances, self.labels[rows]

    def probabilities(self, vectors: Floats) -> Doubles:
        return voted(*self.nearest(vectors), self.reach, self.prior)


def coupled(decisions: Floats, slope: float, power: float) -> Doubles:
    """Turns the decisions between pairs of digits into a probability of each digit.

    A digit's score is the product of the probabilities that it wins its nine pairs.

    Args:
        decisions: (n, 45), of the pairs 0-1, 0-2, ... 8-9; above 0 where the first wins.
        slope: of the logistic curve that turns a decision into the probability of winning;
            where it is steep, the most probable digit is the one that wins most pairs.
        power: of the product, which is too sure of itself: its factors are not independent.

    Returns:
        (n, 10); each row sums to 1.
    """
    margins = slope * decisions.astype(np.float64)
    scores = np.zeros((len(decisions), CLASSES))
    for pair, (first, second) in enumerate(zip(FIRST, SECOND, strict=True)):
        scores[:, first] -= np.logaddexp(0, -margins[:, pair])
        scores[:, second] -= np.logaddexp(0, margins[:, pair])
    products: Doubles = np.exp(power * (scores - scores.max(axis=1, keepdims=True)))
    products /= products.sum(axis=1, keepdims=True)
    return products


def voted(distances: Floats, labels: Labels, reach: float, prior: float) -> Doubles:
    """Turns nearest neighbours into a probability of each digit.

    Args:
        distances: (n, k), the nearest first.
        labels: (n, k), the digits of these neighbours.
        reach: by how much a squared distance exceeds the nearest one's when its vote has
            fallen to 1/e.
        prior: a part of a vote that each digit has from the start.

    Returns:
        (n, 10); each row sums to 1.
    """
    squares = distances.astype(np.float64) ** 2
    votes = np.full((len(squares), CLASSES), float(prior))
    rows = np.arange(len(squares))[:, None]
    np.add.at(votes, (rows, labels), np.exp((squares[:, :1] - squares) / reach))
    votes /= votes.sum(axis=1, keepdims=True)
    return votes
