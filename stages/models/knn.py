"""`knn`: the votes of the k nearest training images, on histograms of gradients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from stages.classifiers.features import Encoding
from stages.classifiers.instance_based import Neighbours, vote
from stages.harness.errors import InputError

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

    FAMILY = "neighbours"

    def __init__(self, params: Params, train: Train, task: Task) -> None:
        self._params, self._train, self.task = params, train, task

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Keeps all of `images` and `labels`; `validation` is only scored.

        The probabilities are calibrated on each training row's neighbours among the other
        training rows. The training rows are scored in the same way.
        """
        from stages.training import classical

        count = self._params.neighbours
        classical.check_train("knn", self._train, len(labels))
        if self._train.class_weight:
            print("train.class_weight: not used by knn")
        classes = len(self.task.classes)
        if count >= len(images):
            raise InputError(
                f"models.knn.neighbours: {count} of {len(images)} training rows; "
                "expected fewer than there are"
            )
        encoding, vectors = classical.fit_encoding(images, labels, "knn", self._params)
        kept = {
            "task": self.task,
            **encoding,
            "vectors": vectors,
            "labels": labels,
            "neighbours": count,
        }
        distances, nearest = Neighbours(**kept, reach=1, prior=1).find_nearest()
        votes = labels[nearest]
        scale = float(vectors.var(axis=0).sum())
        reach, prior = classical.maximize_likelihood(
            lambda reach, prior: vote(distances, votes, classes, reach * scale, prior),
            labels,
            start=(0.05, 0.001),
            bounds=((1e-3, 1e3), (1e-6, 1)),
        )
        self.trained = Neighbours(**kept, reach=reach * scale, prior=prior)
        probabilities = vote(distances, votes, classes, reach * scale, prior)
        return classical.make_curve(self.trained, probabilities, labels, validation)

    def save(self, folder: Path) -> None:
        self.trained.save(folder)


create, load = Knn, Neighbours.load
