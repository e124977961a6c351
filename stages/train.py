"""Trains the chosen classifier on the training rows, and on no other."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Protocol

import numpy as np

from stages.classifier import CURVE
from stages.dataset import Images, Labels, open_labels, open_split, read_images
from stages.errors import run
from stages.outputs import new_folder, write_table
from stages.params import Params, read_params
from stages.scores import Curve

PREPARED, SPLIT = Path("data/prepared"), Path("data/split")


class Trainable(Protocol):
    """A classifier that is not trained yet."""

    def fit(self, images: Images, labels: Labels, validation: tuple[Images, Labels]) -> Curve:
        """Trains on `images` and `labels`; `validation` is scored, no more.

        Returns:
            How it learned: see `scores.learning_curve`.
        """

    def save(self, folder: Path) -> None:
        """Writes what `classifier.load` reads."""


def create(params: Params) -> Trainable:
    """Makes the classifier that `train.model` names, with its section of `models`.

    TensorFlow and scikit-learn take seconds to import: each only for its own.
    """
    name, seed = params.train.model, params.train.seed
    settings = getattr(params.models, name).model_dump()
    makers: dict[str, Callable[..., Trainable]]
    if name in ("mlp", "cnn"):
        from stages.networks import new_cnn, new_mlp

        makers = {"mlp": new_mlp, "cnn": new_cnn}
    else:
        from stages.classical import Knn, Svm

        makers = {"svm": Svm, "knn": Knn}
    return makers[name](**settings, seed=seed)


def main() -> None:
    labels = open_labels(PREPARED / "train_labels.npy")
    rows, scored = open_split(SPLIT, len(labels))
    both = np.concatenate([rows, scored])  # read, and its digest taken, once
    images = read_images(PREPARED / "train_images.npy", both, count=len(labels))
    train = images[: len(rows)], labels[rows]
    validation = images[len(rows) :], labels[scored]
    classifier = create(read_params())
    start = perf_counter()
    history = classifier.fit(*train, validation)
    print(f"trained on {len(rows):,} images in {perf_counter() - start:.1f} s")
    with new_folder(Path("data/model")) as folder:
        classifier.save(folder)
        write_table(folder / CURVE, history)


if __name__ == "__main__":
    run(main)
