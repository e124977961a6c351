"""What every stage but `train` knows of a classifier: `load` it, and ask for probabilities."""

import json
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

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

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
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
            with native_log_held_back():
                interpreter = Interpreter(str(path), num_threads=1)
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise InputError(f"{path}: not a LiteRT model: {error}; train again") from None
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        found = [(d["shape_signature"].tolist(), d["dtype"].__name__) for d in (*inputs, *outputs)]
        expected = [([-1, SIDE, SIDE, 1], "float32"), ([-1, CLASSES], "float32")]
        if len(inputs) != 1 or found != expected:
            raise InputError(f"{path}: takes and gives {found}; expected {expected}")
        return cls(interpreter)

    def predict_proba(self, images: Images) -> Probabilities:
        """See `Classifier`."""
        probabilities = np.empty((len(images), CLASSES), np.float32)
        for start in range(0, len(images), BATCH):
            batch = images[start : start + BATCH]
            self._interpreter.resize_tensor_input(self._input, batch.shape)
            self._interpreter.allocate_tensors()
            self._interpreter.set_tensor(self._input, batch)
            self._interpreter.invoke()
            probabilities[start : start + BATCH] = self._interpreter.get_tensor(self._output)
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
        if set(files) != set(family.FILES):
            raise ValueError(f"files {', '.join(files)}; expected {', '.join(family.FILES)}")
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a classifier's manifest: {error!r}; train again") from None
    for name in family.FILES:
        if _sha256(folder / name) != files[name]:
            raise InputError(f"{folder / name}: not the file that was trained; train again")
    return family.load(folder)


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
