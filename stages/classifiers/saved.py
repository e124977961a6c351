"""A saved classifier: its manifest, and how to load it.

With several folds it is the mean of classifiers, each whole in a folder of its own: fold_1, ...
A committee is the mean of two models in the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol

import numpy as np
from pydantic import Field

from stages import models
from stages.formats.prepared import Images, Probabilities
from stages.formats.task import Task
from stages.harness.errors import MAKE_AGAIN, InputError
from stages.harness.outputs import sha256, write_json
from stages.harness.section import Section, check
from stages.models import Trainable

MANIFEST = "manifest.json"


class Classifier(Protocol):
    """A classifier that is trained and loaded."""

    @property
    def task(self) -> Task:
        """What it was trained for."""

    def predict_proba(self, images: Images) -> Probabilities:
        """Returns each image's probability of each class: float32 (n, classes), rows sum to 1.

        The images are float32 (n, *task.shape), each value in [0, 1], or see `as_images`, which
        raises an InputError for any other.
        """


COMMITTEE = "committee"  # in place of the name of a model
FOLD = "fold_"  # and its number: the name of a folder
Folder = Annotated[str, Field(pattern=r"^\w+$")]
File = Annotated[str, Field(pattern=r"^\w[\w.-]*(/\w[\w.-]*)?$")]  # in the folder, not outside


class Manifest(Section):
    """What is in the folder of a saved classifier."""

    model: Literal[(*models.NAMES, COMMITTEE)]  # type: ignore[valid-type]
    task: Task
    parts: tuple[Folder, ...]  # folders of classifiers whose mean this is; none: it is no mean
    sha256: Annotated[dict[File, str], Field(min_length=1, max_length=99)]  # mostly 2 to 4


@dataclass(frozen=True)
class Mean:
    """The mean of the probabilities of several classifiers; see `Classifier`."""

    classifiers: Sequence[Classifier]

    @property
    def task(self) -> Task:
        return self.classifiers[0].task

    def predict_proba(self, images: Images) -> Probabilities:
        """See `Classifier`."""
        count = len(images)
        each = [check_output(one.predict_proba(images), one, count) for one in self.classifiers]
        mean: Probabilities = np.mean(each, axis=0, dtype=np.float32)
        return mean


def check_output(probabilities: Probabilities, classifier: Classifier, count: int) -> Probabilities:
    """Returns a classifier's output, or raises an InputError unless it is (count, classes)."""
    expected = count, len(classifier.task.classes)
    if probabilities.shape != expected:  # NumPy would repeat a single row
        fault = f"a classifier's output for {count} images has the shape {probabilities.shape}"
        raise InputError(f"{fault}; expected {expected}; train again")
    return probabilities


def save_classifier(classifier: Trainable, model: str, folder: Path) -> None:
    """Writes a trained classifier of `model` and its manifest to a new or empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    classifier.save(folder)
    write_manifest(folder, classifier.task, model)


def write_manifest(folder: Path, task: Task, model: str, *parts: str) -> None:
    """Writes what a saved classifier is, and the SHA-256 of its files; see `Manifest`.

    Of a folder in it, which is a classifier too, it lists the manifest, which lists the files.
    """
    files = (path / MANIFEST if path.is_dir() else path for path in folder.iterdir())
    digests = {path.relative_to(folder).as_posix(): sha256(path) for path in files}
    manifest = Manifest(model=model, task=task, parts=parts, sha256=digests)
    write_json(folder / MANIFEST, manifest.model_dump())


def load(folder: Path | str) -> Classifier:
    """Loads a saved classifier. Its files are data: none of them holds Python code.

    Raises:
        OSError: a file is missing, as in a fresh clone, or cannot be read.
        InputError: a file has changed, or is not a classifier of a known model.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    if manifest.parts:
        return Mean([load(folder / part) for part in manifest.parts])
    if manifest.model == COMMITTEE:
        raise InputError(f"{folder / MANIFEST}: a committee without its models; train again")
    return models.find(manifest.model).load(folder, manifest.task)


def list_folds(folder: Path) -> list[Path]:
    """Lists the folders of a classifier's folds; its own, if it has one fold. See also `load`."""
    parts = read_manifest(folder).parts
    return [folder / part for part in parts if part.startswith(FOLD)] or [folder]


def read_manifest(folder: Path) -> Manifest:
    """Reads a manifest, and compares the files that it names with their SHA-256; see `load`."""
    path = folder / MANIFEST
    manifest = check(Manifest, path.read_bytes(), path, "; train again")
    for name, digest in manifest.sha256.items():
        if sha256(folder / name) != digest:
            raise InputError(f"{folder / name}: not the file that was trained; {MAKE_AGAIN}")
    return manifest
