"""`knn`: the votes of the k nearest training images, on histograms of gradients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from stages.classifiers.instance_based import Doubles, Neighbours, vote
from stages.harness.errors import InputError
from stages.harness.section import Encoding

if TYPE_CHECKING:
    from stages.formats.prepared import ImageRows, Labelled, Labels
    from stages.formats.task import Task
    from stages.harness.params import Train
    from stages.scoring.metrics import Curve

DESCRIPTION = "the votes of the nearest training images, compared by histograms of gradients"


class Params(Encoding):
    neighbours: Annotated[int, Field(ge=1, le=1000)]


class Knn:
    """Keeps the training images, and calibrates their votes; see `Trainable`."""

    def __init__(self, params: Params, train: Train, task: Task) -> None:
        self._params, self._train, self.task = params, train, task

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Keeps all of `images` and `labels`.

        The probabilities are calibrated on each training row's neighbours among the other
        training rows. The training rows are scored in the same way.
        """
        from stages.training import classical

        count, classes = self._params.neighbours, len(self.task.classes)
        classical.check_train("knn", self._train, len(labels))
        if self._train.class_weight:
            print("train.class_weight: not used by knn")
        if count >= len(images):
            fault = f"{count} of {len(images)} training rows; expected fewer than there are"
            raise InputError(f"models.knn.neighbours: {fault}")
        kept, vectors = classical.fit_encoding(images, labels, "knn", self._params)
        kept |= {"task": self.task, "vectors": vectors, "labels": labels, "neighbours": count}
        distances, nearest = Neighbours(**kept, reach=1, prior=1).find_nearest()
        scale = float(vectors.var(axis=0).sum())

        def predict(reach: float, prior: float) -> Doubles:
            return vote(distances, labels[nearest], classes, reach * scale, prior)

        start, bounds = (0.05, 0.001), ((1e-3, 1e3), (1e-6, 1))
        reach, prior = classical.maximize_likelihood(predict, labels, start=start, bounds=bounds)
        self.trained = Neighbours(**kept, reach=reach * scale, prior=prior)
        return classical.make_curve(self.trained, predict(reach, prior), labels, validation)

    def save(self, folder: Path) -> None:
        self.trained.save(folder)


create, load = Knn, Neighbours.load
