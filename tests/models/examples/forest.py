"""`forest`: scikit-learn's random forest, saved as arrays, so that loading it runs no code."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from stages.formats.prepared import ImageRows, Images, Labelled, Labels, Probabilities
from stages.harness.params import Train
from stages.harness.section import Section
from stages.scoring.metrics import Curve, learning_curve, loss_and_accuracy

DESCRIPTION = "the mean of many decision trees"
FILE = "forest.npz"


class Params(Section):
    trees: int
    depth: int


class Forest:
    """Trains it with scikit-learn; see `Trainable`."""

    FAMILY = "forest"

    def __init__(self, params: Params, train: Train) -> None:
        self._params, self._seed = params, train.seed

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        from sklearn.ensemble import RandomForestClassifier

        forest = RandomForestClassifier(
            self._params.trees, max_depth=self._params.depth, random_state=self._seed
        )
        pixels = images[:].reshape(len(images), -1)
        self._trees = [each.tree_ for each in forest.fit(pixels, labels).estimators_]
        held_out, held_out_labels = validation
        pairs = ((labels, pixels), (held_out_labels, held_out[:].reshape(len(held_out), -1)))
        train, scored = (loss_and_accuracy(y, forest.predict_proba(x)) for y, x in pairs)
        return learning_curve([(train, scored)])

    def save(self, folder: Path) -> None:
        arrays: dict[str, Any] = {"counts": [tree.node_count for tree in self._trees]}
        for name in ("children_left", "children_right", "feature", "threshold", "value"):
            arrays[name] = np.concatenate([getattr(tree, name) for tree in self._trees])
        np.savez(folder / FILE, allow_pickle=False, **arrays)


class SavedForest:
    """Reads the trees from their arrays; see `Classifier`."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self._arrays = arrays

    @classmethod
    def load(cls, folder: Path) -> Self:
        with np.load(folder / FILE, allow_pickle=False) as file:
            return cls(dict(file))

    def predict_proba(self, images: Images) -> Probabilities:
        pixels, rows = images.reshape(len(images), -1), np.arange(len(images))
        starts = np.cumsum(self._arrays["counts"]) - self._arrays["counts"]
        left, right = self._arrays["children_left"], self._arrays["children_right"]
        total = np.zeros((len(images), self._arrays["value"].shape[2]))
        for start in starts:
            node = np.full(len(images), start)
            while (inner := left[node] >= 0).any():  # -1 at a leaf
                less = (
                    pixels[rows, self._arrays["feature"][node]] <= self._arrays["threshold"][node]
                )
                node = np.where(inner, start + np.where(less, left[node], right[node]), node)
            total += self._arrays["value"][node, 0]
        return (total / len(starts)).astype(np.float32)


create, load = Forest, SavedForest.load
