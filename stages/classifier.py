"""What every stage but `train` knows of a classifier: `load` it, and ask for probabilities."""

import json
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from stages.dataset import Images
from stages.errors import InputError
from stages.exemplars import Neighbours, SupportVectors
from stages.lite_network import LiteNetwork, Probabilities
from stages.outputs import write_json

MANIFEST = "manifest.json"
CURVE = "learning_curve.csv"  # beside it: how it learned
TOLERANCE = 1e-3  # of a sum of probabilities


class Classifier(Protocol):
    def predict_proba(self, images: Images) -> Probabilities:
        """Gives each image's probability of being a 0, a 1, ... a 9.

        Args:
            images: float32 (n, 28, 28, 1), each value in [0, 1].

        Returns:
            float32 (n, 10); each row sums to 1.
        """


class Family(Protocol):
    """How classifiers of one kind come back from a folder."""

    FILES: ClassVar[tuple[str, ...]]  # that it reads or keeps, beside the manifest

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Reads what was saved; raises an InputError where it is not whole or not this kind."""


FAMILIES: dict[str, type[Family]] = {
    "network": LiteNetwork,
    "support_vectors": SupportVectors,
    "neighbours": Neighbours,
}


def write_manifest(folder: Path, *, family: str, model: str) -> None:
    """Completes a saved classifier: who it is, and the SHA-256 of each of its files."""
    files = {path.name: _sha256(path) for path in folder.iterdir()}
    write_json(folder / MANIFEST, {"family": family, "model": model, "sha256": files})


def load(folder: Path) -> Classifier:
    """Loads a saved classifier; nothing in its folder can run code.

    Raises:
        InputError: the folder is not whole, or not a classifier of a known family.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        family, files = FAMILIES[manifest["family"]], manifest["sha256"]
        if set(manifest) != {"family", "model", "sha256"}:
            raise ValueError(f"keys {', '.join(manifest)}; expected family, model, sha256")
        if set(files) != set(family.FILES):
            raise ValueError(f"files {', '.join(files)}; expected {', '.join(family.FILES)}")
        for name in family.FILES:
            if _sha256(folder / name) != files[name]:
                raise InputError(f"{folder / name}: not the file that was trained; train again")
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)  # as in a fresh clone
        remedy = "run dvc repro, which trains it" if missing else "train again"
        raise InputError(f"{error.filename}: {error.strerror}; {remedy}") from None
    except InputError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        text = f"{error!r:.160}"
        raise InputError(f"{path}: not a classifier's manifest: {text}; train again") from None
    return family.load(folder)


def predict(folder: Path, images: Images) -> Probabilities:
    """Loads a saved classifier and asks it; see `Classifier`.

    Raises:
        InputError: see `load`; or what it gives is not probabilities.
    """
    with np.errstate(all="ignore"):  # numbers that are far too large show in the result
        probabilities = load(folder).predict_proba(images)
    # Also false for NaN.
    if not (np.abs(probabilities.sum(axis=1) - 1) < TOLERANCE).all() or probabilities.min() < 0:
        raise InputError(f"{folder}: gives numbers that are no probabilities; train again")
    return probabilities


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
