"""`svm` and `knn`: instance-based classifiers, which compare an image with training images."""

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from stages.classifiers.features import PROBE, Floats, extract_features
from stages.formats.prepared import ImageRows, Images, Labels, Probabilities, Rows, as_images
from stages.formats.task import Task
from stages.harness.errors import InputError

Doubles = npt.NDArray[np.float64]

ARRAYS = "model.npz"
BLOCK = 500  # vectors at a time; bounds the memory


@dataclass(frozen=True, kw_only=True)
class InstanceBased:
    """What the two have in common: they compare vectors of principal components.

    Raises a ValueError if it was trained on other features than those that this code computes.
    """

    task: Task  # what it was trained for
    upright: bool  # this and the next two: see `extract_features`
    orientations: int
    cells: int
    mean: Floats  # (features,), of the training images' features
    axes: Floats  # (components, features), the principal axes of these features
    probe: Floats  # (features,), the features of `PROBE`
    vectors: Floats  # (kept, components), the training images that are kept

    def __post_init__(self) -> None:
        probe = extract_features(PROBE, self.upright, self.orientations, self.cells)
        if not np.allclose(self.probe, probe, atol=0.01):  # the root makes rounding errors larger
            raise ValueError("trained on other features than this code's")

    @classmethod
    def load(cls, folder: Path, task: Task) -> Self:
        """Loads what `save` wrote. Other arrays are an InputError."""
        path = folder / ARRAYS
        try:
            with path.open("rb") as file:  # NumPy leaves a broken one open
                arrays = np.load(file, allow_pickle=False)
                values = {name: it if it.ndim else it.item() for name, it in arrays.items()}
                return cls(task=task, **values)
        except Exception as error:  # a broken zip file raises errors of almost any type
            fault = f"{path}: not this classifier's arrays: {error!s:.160}"
            raise InputError(f"{fault}; train again") from None

    def save(self, folder: Path) -> None:
        arrays = {name: value for name, value in vars(self).items() if name != "task"}
        np.savez(folder / ARRAYS, allow_pickle=False, **arrays)

    def encode(self, images: ImageRows) -> Floats:
        """Returns the vectors, float32 (n, components), of images as in `predict_proba`."""
        features = extract_features(images, self.upright, self.orientations, self.cells)
        vectors: Floats = np.matmul(features - self.mean, self.axes.T)
        return vectors

    def predict_proba(self, images: Images) -> Probabilities:
        """See `saved.Classifier`."""
        return self.classify(self.encode(as_images(images, self.task.shape))).astype(np.float32)

    def classify(self, vectors: Floats) -> Doubles:
        """Returns the probabilities (n, classes) of vectors (n, components)."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class SupportVectors(InstanceBased):
    """A support vector machine with a radial kernel for each pair of classes, of digits 45."""

    coefficients: Floats  # (kept, pairs), the weight of each vector in each pair's decision
    intercepts: Floats  # (pairs,), added to the decisions
    gamma: float  # of the kernel, exp(-gamma * squared distance)
    slope: float  # and `power`: see `pairwise_to_probabilities`
    power: float

    def decide(self, vectors: Floats) -> Floats:
        """Returns the decisions for `pairwise_to_probabilities`: float32 (n, pairs)."""
        kept, decisions = self.vectors, []
        for start in range(0, len(vectors), BLOCK):
            block = vectors[start : start + BLOCK]
            squares = (block * block).sum(axis=1)[:, None] + (kept * kept).sum(axis=1)
            squares = np.maximum(0, squares - 2 * (block @ kept.T))
            decisions.append(np.exp(-self.gamma * squares) @ self.coefficients)
        return np.concatenate(decisions) + self.intercepts

    def classify(self, vectors: Floats) -> Doubles:
        count = len(self.task.classes)
        return pairwise_to_probabilities(self.decide(vectors), count, self.slope, self.power)


@dataclass(frozen=True, kw_only=True)
class Neighbours(InstanceBased):
    """The k nearest training images vote; all training images are kept."""

    labels: Labels  # (kept,), the classes of `vectors`
    neighbours: int  # k
    reach: float  # and `prior`: see `vote`
    prior: float

    def find_nearest(self, vectors: Floats | None = None) -> tuple[Floats, Rows]:
        """Finds the neighbours of `vectors`; by default of each kept vector among the others.

        Returns Euclidean distances (n, k), the nearest first, and places in `self.vectors` (n, k).
        """
        from sklearn.neighbors import NearestNeighbors  # a second to import, only for `knn`

        index = NearestNeighbors(n_neighbors=self.neighbours, algorithm="brute").fit(self.vectors)
        found: tuple[Floats, Rows] = index.kneighbors(vectors)
        return found

    def classify(self, vectors: Floats) -> Doubles:
        distances, rows = self.find_nearest(vectors)
        return vote(distances, self.labels[rows], len(self.task.classes), self.reach, self.prior)


def pairwise_to_probabilities(
    decisions: Floats | Doubles, classes: int, slope: float, power: float
) -> Doubles:
    """Turns the decisions between pairs of classes into probabilities (n, classes); rows sum to 1.

    The score of a class is the product of its probabilities of winning against the others.

    Args:
        decisions: (n, pairs), one for each of the pairs 0-1, 0-2, ... 8-9; above 0 if the
            first class wins.
        slope: of the logistic curve from a decision to the probability of winning. If it is
            steep, the most probable class is the one that wins most pairs.
        power: exponent of the product. Below 1 it makes the probabilities less extreme, because
            the factors are not independent.
    """
    margins = slope * decisions.astype(np.float64)
    scores = np.zeros((len(decisions), classes))
    for pair, (first, second) in enumerate(combinations(range(classes), 2)):
        scores[:, first] -= np.logaddexp(0, -margins[:, pair])
        scores[:, second] -= np.logaddexp(0, margins[:, pair])
    products: Doubles = np.exp(power * (scores - scores.max(axis=1, keepdims=True)))
    products /= products.sum(axis=1, keepdims=True)
    return products


def vote(distances: Floats, labels: Labels, classes: int, reach: float, prior: float) -> Doubles:
    """Turns the votes of the nearest neighbours into probabilities (n, classes); rows sum to 1.

    A neighbour's vote is exp(-excess / reach); the excess is by how much its squared distance
    exceeds that of the nearest neighbour.

    Args:
        distances: (n, k), the nearest first.
        labels: (n, k), the classes of these neighbours.
        reach: the excess at which a vote has fallen to 1/e.
        prior: the votes that each class has from the start; the nearest neighbour has 1.
    """
    squares = distances.astype(np.float64) ** 2
    votes = np.full((len(squares), classes), float(prior))
    rows = np.arange(len(squares))[:, None]
    np.add.at(votes, (rows, labels), np.exp((squares[:, :1] - squares) / reach))
    votes /= votes.sum(axis=1, keepdims=True)
    return votes
