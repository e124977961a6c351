"""Trains the chosen classifier on the training rows and no others."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Protocol

import numpy as np

from stages.formats.prepared import Images, Labels, read_images, read_labels, read_split
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder, write_table
from stages.harness.params import Params, read_params
from stages.scoring.metrics import Curve


class Trainable(Protocol):
    """A classifier before its training."""

    def fit(self, images: Images, labels: Labels, validation: tuple[Images, Labels]) -> Curve:
        """Trains on `images` and `labels`; `validation` is only scored.

        Returns:
            Losses and accuracies by epoch; see `metrics.learning_curve`.

        Raises:
            InputError: a parameter needs more training rows, or the images are all alike.
        """

    def save(self, folder: Path) -> None:
        """Writes the files that `saved.load` reads."""


def create(params: Params) -> Trainable:
    """Makes the classifier that `train.model` names, with its section of `models`.

    TensorFlow and scikit-learn take seconds to import, so each is imported only when needed.
    """
    name, seed = params.train.model, params.train.seed
    settings = getattr(params.models, name).model_dump()
    makers: dict[str, Callable[..., Trainable]]
    if name in ("mlp", "cnn"):
        from stages.training.networks import new_cnn, new_mlp

        makers = {"mlp": new_mlp, "cnn": new_cnn}
    else:
        from stages.training.classical import Knn, Svm

        makers = {"svm": Svm, "knn": Knn}
    return makers[name](**settings, seed=seed)


def main() -> None:
    params = read_params()
    labels = read_labels(paths.TRAIN_LABELS)
    rows, validation_rows = read_split(paths.SPLIT, len(labels))
    # In one call, so that the file is checked only once.
    images = read_images(
        paths.TRAIN_IMAGES, np.concatenate([rows, validation_rows]), count=len(labels)
    )
    validation = images[len(rows) :], labels[validation_rows]
    classifier = create(params)
    start = perf_counter()
    curve = classifier.fit(images[: len(rows)], labels[rows], validation)
    print(f"trained on {len(rows):,} images in {perf_counter() - start:.1f} s")
    with new_folder(paths.MODEL) as folder:
        classifier.save(folder)
        write_table(folder / paths.LEARNING_CURVE.name, curve)


if __name__ == "__main__":
    run(main)
