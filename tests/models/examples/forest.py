"""`forest`: scikit-learn's random forest, saved as arrays, so that loading it runs no code."""

from pathlib import Path
from typing import Self

import numpy as np

from stages.formats.prepared import ImageRows, Images, Labelled, Labels, Probabilities
from stages.formats.task import Task
from stages.harness.params import Train
from stages.harness.section import Section
from stages.scoring.metrics import Curve, learning_curve, loss_and_accuracy

DESCRIPTION = "the mean of many decision trees"
FILE, ARRAYS = "forest.npz", ("children_left", "children_right", "feature", "threshold", "value")


class Params(Section):
    trees: int
    depth: int


class Forest:
    """Trains it with scikit-learn; see `Trainable`. A trained one is a `Classifier`."""

    def __init__(self, params: Params, train: Train, task: Task) -> None:
        self._params, self._seed, self.task = params, train.seed, task

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        from sklearn.ensemble import RandomForestClassifier

        count, depth = self._params.trees, self._params.depth
        forest = RandomForestClassifier(count, max_depth=depth, random_state=self._seed)
        forest.fit(images[:].reshape(len(images), -1), labels)
        trees = [each.tree_ for each in forest.estimators_]
        self._arrays = {name: np.concatenate([getattr(t, name) for t in trees]) for name in ARRAYS}
        self._arrays["sizes"] = np.array([tree.node_count for tree in trees])
        parts = (images[:], labels), (validation[0][:], validation[1])
        each = [loss_and_accuracy(y, self.predict_proba(x)) for x, y in parts]
        return learning_curve([np.ravel(each, order="F")])  # the losses, then the accuracies

    def save(self, folder: Path) -> None:
        np.savez(folder / FILE, allow_pickle=False, **self._arrays)

    @classmethod
    def load(cls, folder: Path, task: Task) -> Self:
        classifier = cls.__new__(cls)
        classifier.task = task
        with np.load(folder / FILE, allow_pickle=False) as arrays:
            classifier._arrays = dict(arrays)
        return classifier

    def predict_proba(self, images: Images) -> Probabilities:
        pixels, rows = images.reshape(len(images), -1), np.arange(len(images))
        left, right, feature, threshold, value = (self._arrays[name] for name in ARRAYS)
        sizes, votes = self._arrays["sizes"], np.zeros((len(images), value.shape[2]))
        for root in np.cumsum(sizes) - sizes:
            node = np.full(len(images), root)
            while (inner := left[node] >= 0).any():  # a leaf has no children
                goes_left = pixels[rows, feature[node]] <= threshold[node]
                below = root + np.where(goes_left, left[node], right[node])
                node = np.where(inner, below, node)
            votes += value[node, 0]
        probabilities: Probabilities = (votes / len(sizes)).astype(np.float32)
        return probabilities


create, load = Forest, Forest.load
