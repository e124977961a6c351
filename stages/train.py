"""Trains the chosen classifier on the training rows, and on no other."""

from pathlib import Path
from time import perf_counter

from stages.classifier import CURVE
from stages.dataset import open_labels, open_rows, read_images
from stages.errors import run
from stages.networks import Network
from stages.outputs import new_folder, write_table
from stages.params import Params, read_params

PREPARED, SPLIT = Path("data/prepared"), Path("data/split")


def create(params: Params) -> Network:
    """Makes the untrained classifier that `train.model` names, with its section of `models`."""
    settings = getattr(params.models, params.train.model).model_dump()
    return Network(**settings, seed=params.train.seed)


def main() -> None:
    labels = open_labels(PREPARED / "train_labels.npy")
    rows = open_rows(SPLIT / "train.npy", len(labels))
    scored = open_rows(SPLIT / "validation.npy", len(labels))
    train = read_images(PREPARED / "train_images.npy", rows), labels[rows]
    validation = read_images(PREPARED / "train_images.npy", scored), labels[scored]
    classifier = create(read_params())
    classifier.model.summary()
    start = perf_counter()
    history = classifier.fit(*train, validation)
    print(f"trained on {len(rows):,} images in {perf_counter() - start:.1f} s")
    with new_folder(Path("data/model")) as folder:
        classifier.save(folder)
        write_table(folder / CURVE, history)


if __name__ == "__main__":
    run(main)
