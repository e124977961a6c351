"""The models: each file of this folder is one, and `train.model` in params.yaml is its name.

The folder is the registry: nothing else lists the models. `Model` says what a file has.

Every stage imports all files, to check params.yaml. So what takes long to import, such as
TensorFlow and scikit-learn, is imported in the functions that use it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from stages.harness.section import Section

if TYPE_CHECKING:
    from stages.classifiers.saved import Classifier
    from stages.formats.prepared import ImageRows, Labelled, Labels
    from stages.formats.task import Task
    from stages.harness.params import Params, Train
    from stages.scoring.metrics import Curve

FILES = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
NAMES = tuple(name for name in FILES if name != "none")


class Trainable(Protocol):
    """A classifier before its training."""

    task: Task  # what it learns

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Trains on images and labels; returns their scores by epoch, see `learning_curve`.

        Args:
            images: float32 (n, *task.shape), each value in [0, 1].
            labels: (n,), each a place in `task.classes`.
            validation: images and labels of other rows, to score; nothing is chosen by them.

        It raises an InputError if a parameter needs more rows, or the images are all alike.
        """

    def save(self, folder: Path) -> None:
        """Writes the files that the model's `load` reads. None of them is code."""


class Model(Protocol):
    """What the file of a model has."""

    DESCRIPTION: str  # what it is, for the model card
    Params: type[Section]  # the types and bounds of its section of params.yaml, `models.<name>`

    def create(self, params: Section, train: Train, task: Task) -> Trainable:
        """Makes an untrained classifier of the images of `task`, with the seed of `train`.

        It raises an InputError if the parameters do not fit the images or the device.
        """

    def load(self, folder: Path, task: Task) -> Classifier:
        """Reads what `Trainable.save` wrote; other files are an InputError."""


def find(name: str) -> Model:
    """Returns the model of that name, one of `NAMES`."""
    return cast(Model, import_module(f"{__name__}.{name}"))


def create(name: str, params: Params, task: Task) -> Trainable:
    """Makes the untrained classifier of a model; see `Model.create`."""
    return find(name).create(getattr(params.models, name), params.train, task)
