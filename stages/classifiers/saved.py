"""A saved classifier: its manifest, and how to load it.

With several folds it is the mean of classifiers, each whole in a folder of its own: fold_1, ...
A committee is the mean of cnn and svm in the same way.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from stages.classifiers.exemplars import Neighbours, SupportVectors
from stages.classifiers.network import LiteNetwork
from stages.formats.prepared import Images, Probabilities
from stages.harness.errors import InputError
from stages.harness.outputs import sha256, write_json

MANIFEST = "manifest.json"


class Classifier(Protocol):
    """All that the stages know of a classifier once it is loaded."""

    def predict_proba(self, images: Images) -> Probabilities:
        """Gives each image's probability of each class.

        Args:
            images: float32 (n, *SHAPE), each value in [0, 1].

        Returns:
            float32 (n, classes); each row sums to 1.
        """


class Family(Protocol):
    """A kind of classifiers, and how to load one from a folder."""

    FILES: ClassVar[tuple[str, ...]]  # in the folder, beside the manifest

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Reads a saved classifier; raises an InputError if its files are not of this kind."""


FAMILIES: dict[str, type[Family]] = {
    "network": LiteNetwork,
    "support_vectors": SupportVectors,
    "neighbours": Neighbours,
}
FOLDS, COMMITTEE = "folds", "committee"  # the families of a folder of classifiers
MEMBERS = ("cnn", "svm")  # of a committee


class Mean:
    """The mean of the probabilities of several classifiers; see `Classifier`."""

    def __init__(self, classifiers: Sequence[Classifier]) -> None:
        self._classifiers = classifiers

    def predict_proba(self, images: Images) -> Probabilities:
        """See `Classifier`."""
        each = [classifier.predict_proba(images) for classifier in self._classifiers]
        mean: Probabilities = np.mean(each, axis=0, dtype=np.float32)
        return mean


def name_folds(count: int) -> list[str]:
    """Names the folders of the classifiers whose mean a saved classifier is."""
    return [f"fold_{number}" for number in range(1, count + 1)]


def write_manifest(folder: Path, *, family: str, model: str) -> None:
    """Completes a saved classifier with its family, its model and the SHA-256 of its files.

    Args:
        folder: holds the family's `FILES` and nothing else.
        family: a key of `FAMILIES`.
        model: the section of `models` in params.yaml that the classifier was trained by.
    """
    _write_manifest(folder, family, model, (path.name for path in folder.iterdir()))


def write_mean(folder: Path, *, family: str, model: str, names: Iterable[str]) -> None:
    """Completes a folder of saved classifiers, which have these `names`, as their mean.

    The manifest has the SHA-256 of their manifests, which have those of their files.
    """
    _write_manifest(folder, family, model, [f"{name}/{MANIFEST}" for name in names])


def _list_files(family: str, count: int) -> Sequence[str]:
    """Names the files of a saved classifier of so many."""
    if family in FAMILIES:
        return FAMILIES[family].FILES
    means = {FOLDS: name_folds(max(2, count)), COMMITTEE: MEMBERS}
    return [f"{name}/{MANIFEST}" for name in means[family]]


def _write_manifest(folder: Path, family: str, model: str, names: Iterable[str]) -> None:
    files = {name: sha256(folder / name) for name in names}
    write_json(folder / MANIFEST, {"family": family, "model": model, "sha256": files})


def _read_manifest(path: Path) -> tuple[str, dict[str, str]]:
    """Returns the family of a saved classifier, and the SHA-256 of each file that it names."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        family, files = manifest["family"], manifest["sha256"]
        expected = _list_files(family, len(files))
        if set(manifest) != {"family", "model", "sha256"}:
            raise ValueError(f"keys {', '.join(manifest)}; expected family, model, sha256")
        if set(files) != set(expected):
            raise ValueError(f"files {', '.join(files)}; expected {', '.join(expected)}")
        return family, {name: files[name] for name in expected}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        text = f"{error!r:.160}"
        raise InputError(f"{path}: not a classifier's manifest: {text}; train again") from None


def load(folder: Path) -> Classifier:
    """Loads a saved classifier. Its files are data: none of them holds Python code.

    Raises:
        InputError: a file is missing or changed, or is not a classifier of a known family.
    """
    family, files = _read_checked(folder)
    if family in FAMILIES:
        return FAMILIES[family].load(folder)
    return Mean([load((folder / name).parent) for name in files])


def list_folds(folder: Path) -> list[Path]:
    """Lists the folders of a saved classifier's folds; its own, if there is a single fold.

    Raises:
        InputError: see `load`.
    """
    family, files = _read_checked(folder)
    return [(folder / name).parent for name in files] if family == FOLDS else [folder]


def _read_checked(folder: Path) -> tuple[str, dict[str, str]]:
    """Reads a manifest, as `_read_manifest` does, and compares the files that it names."""
    try:
        family, files = _read_manifest(folder / MANIFEST)
        for name, digest in files.items():
            if sha256(folder / name) != digest:
                raise InputError(f"{folder / name}: not the file that was trained; train again")
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)  # as in a fresh clone
        remedy = "run dvc repro, which trains it" if missing else "train again"
        raise InputError(f"{error.filename}: {error.strerror}; {remedy}") from None
    return family, files
