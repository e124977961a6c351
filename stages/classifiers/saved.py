"""A saved classifier: its manifest, and how to load it."""

import json
from pathlib import Path
from typing import ClassVar, Protocol

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


def write_manifest(folder: Path, *, family: str, model: str) -> None:
    """Completes a saved classifier with its family, its model and the SHA-256 of its files.

    Args:
        folder: holds the family's `FILES` and nothing else.
        family: a key of `FAMILIES`.
        model: the section of `models` in params.yaml that the classifier was trained by.
    """
    files = {path.name: sha256(path) for path in folder.iterdir()}
    write_json(folder / MANIFEST, {"family": family, "model": model, "sha256": files})


def _read_manifest(path: Path) -> tuple[type[Family], dict[str, str]]:
    """Returns the family of a saved classifier, and the SHA-256 of each of its `FILES`."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        family, files = FAMILIES[manifest["family"]], manifest["sha256"]
        if set(manifest) != {"family", "model", "sha256"}:
            raise ValueError(f"keys {', '.join(manifest)}; expected family, model, sha256")
        if set(files) != set(family.FILES):
            raise ValueError(f"files {', '.join(files)}; expected {', '.join(family.FILES)}")
        return family, {name: files[name] for name in family.FILES}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        text = f"{error!r:.160}"
        raise InputError(f"{path}: not a classifier's manifest: {text}; train again") from None


def load(folder: Path) -> Classifier:
    """Loads a saved classifier. Its files are data: none of them holds Python code.

    Raises:
        InputError: a file is missing or changed, or is not a classifier of a known family.
    """
    try:
        family, files = _read_manifest(folder / MANIFEST)
        for name, digest in files.items():
            if sha256(folder / name) != digest:
                raise InputError(f"{folder / name}: not the file that was trained; train again")
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)  # as in a fresh clone
        remedy = "run dvc repro, which trains it" if missing else "train again"
        raise InputError(f"{error.filename}: {error.strerror}; {remedy}") from None
    return family.load(folder)
