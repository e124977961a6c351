"""What every stage but `train` knows of a classifier: `load` it, and ask for probabilities."""

import json
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from stages import flatbuffer
from stages.dataset import CLASSES, SIDE, Images
from stages.errors import InputError, native_log_held_back
from stages.exemplars import Neighbours, SupportVectors
from stages.outputs import write_json

Probabilities = npt.NDArray[np.float32]

MANIFEST = "manifest.json"
CURVE = "learning_curve.csv"  # beside it: how it learned
FLATBUFFER = "model.tflite"
WEIGHTS = "model.weights.h5"
BATCH = 500
TOLERANCE = 1e-3  # of a sum of probabilities
MOST_VALUES = 600_000_000  # in all arrays for a batch of images; bounds the memory


class Classifier(Protocol):
    def predict_proba(self, images: Images) -> Probabilities:
        """Gives each image's probability of being a 0, a 1, ... a 9.

        Args:
            images: float32 (n, 28, 28, 1), each value in [0, 1].

        Returns:
            float32 (n, 10); each row sums to 1.
        """


class LiteNetwork:
    """A trained network as a LiteRT flatbuffer: weights and arithmetic, no code of its own."""

    FILES: ClassVar[tuple[str, ...]] = (FLATBUFFER, WEIGHTS)

    def __init__(self, interpreter: Interpreter, batch: int) -> None:
        self._interpreter, self._batch = interpreter, batch
        self._input = interpreter.get_input_details()[0]["index"]
        self._output = interpreter.get_output_details()[0]["index"]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads what `Network.save` wrote.

        Raises:
            InputError: not a LiteRT model, or not one from images to probabilities.
        """
        path = folder / FLATBUFFER
        try:
            values = flatbuffer.check(path.read_bytes(), (SIDE, SIDE, 1), CLASSES)
            with native_log_held_back():
                interpreter = Interpreter(str(path), num_threads=1)
                interpreter.allocate_tensors()
            return cls(interpreter, min(BATCH, max(1, MOST_VALUES // values)))
        except (ValueError, RuntimeError) as error:
            raise InputError(
                f"{path}: not a network of this project: {error}; train again"
            ) from None

    def predict_proba(self, images: Images) -> Probabilities:
        """See `Classifier`."""
        probabilities = np.empty((len(images), CLASSES), np.float32)
        for start in range(0, len(images), self._batch):
            batch = images[start : start + self._batch]
            self._interpreter.resize_tensor_input(self._input, batch.shape)
            self._interpreter.allocate_tensors()
            self._interpreter.set_tensor(self._input, batch)
            self._interpreter.invoke()
            probabilities[start : start + len(batch)] = self._interpreter.get_tensor(self._output)
        return probabilities


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
        raise InputError(f"{error.filename}: {error.strerror}; train again") from None
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
    try:
        with np.errstate(all="ignore"):  # numbers that are far too large show in the result
            probabilities = load(folder).predict_proba(images)
    except RuntimeError as error:
        raise InputError(f"{folder}: cannot be run: {error}; train again") from None
    # Also false for NaN.
    if not (np.abs(probabilities.sum(axis=1) - 1) < TOLERANCE).all() or probabilities.min() < 0:
        raise InputError(f"{folder}: gives numbers that are no probabilities; train again")
    return probabilities


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
