"""Bad classifiers in data/model, as `predict` and `evaluate` refuse them."""

import io
import json
import os
import pickle
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.exemplars import PAIRS, Neighbours, SupportVectors
from tests.refusal import Workplace

MODEL = Path("data/model")
MANIFEST, ARRAYS, CURVE = MODEL / "manifest.json", MODEL / "model.npz", MODEL / "learning_curve.csv"
COLUMNS = "epoch,train_loss,validation_loss,train_accuracy,validation_accuracy\n"

Arrays = dict[str, Any]


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch evil",)


PICKLE = pickle.dumps(Evil())


def whole(family: type[SupportVectors | Neighbours] = SupportVectors) -> Arrays:
    """The arrays of a classifier with 6 vectors of 4 components."""
    rng = np.random.default_rng(0)
    shapes = {"mean": (18,), "axes": (4, 18), "vectors": (6, 4)}
    arrays: Arrays = {name: rng.random(size, np.float32) for name, size in shapes.items()}
    arrays |= {"upright": True, "orientations": 2, "cells": 3}
    if family is Neighbours:
        return arrays | {"labels": np.arange(6, dtype=np.uint8), "neighbours": 2} | {
            "reach": 1.0, "prior": 0.1
        }  # fmt: skip
    pairs = {"coefficients": (6, PAIRS), "intercepts": (PAIRS,)}
    arrays |= {name: rng.random(size, np.float32) for name, size in pairs.items()}
    return arrays | {"gamma": 0.5, "slope": 1.0, "power": 1.0}


@pytest.fixture
def place(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """A folder where `predict` and `evaluate` can run, with a support vector machine."""
    (in_tmp / "data" / "prepared").mkdir(parents=True)
    (in_tmp / "data" / "split").mkdir()
    images = np.random.default_rng(0).random((30, 28, 28, 1), np.float32)
    for name in ("train_images", "test_images"):
        np.save(f"data/prepared/{name}.npy", images)
    np.save("data/prepared/train_labels.npy", np.arange(30, dtype=np.uint8) % 10)
    np.save("data/split/train.npy", np.arange(20))
    np.save("data/split/validation.npy", np.arange(20, 30))
    MODEL.mkdir()
    CURVE.write_text(COLUMNS + "1,0.5,0.5,0.9,0.9\n")
    save(whole())
    return Workplace(in_tmp, capsys)


def save(content: Arrays | bytes, family: str = "support_vectors") -> None:
    """Saves arrays, or what stands in their place, with a manifest that is right."""
    if isinstance(content, bytes):
        ARRAYS.write_bytes(content)
    else:
        np.savez(ARRAYS, **content)
    sign(family, ARRAYS)


def sign(family: str, *paths: Path) -> None:
    files = {path.name: sha256(path.read_bytes()).hexdigest() for path in paths}
    MANIFEST.write_text(json.dumps({"family": family, "model": "svm", "sha256": files}))


def test_the_good_ones_are_accepted(place: Workplace) -> None:
    """So that what the cases change is what is refused."""
    assert place.run("predict") == (0, "")
    assert place.run("evaluate") == (0, "")
    save(whole(Neighbours), "neighbours")
    assert place.run("predict") == (0, "")
    first = Path("data/submission.csv").read_text()
    columns_first = np.asfortranarray(whole()["axes"])  # as `train` leaves them
    save(whole(Neighbours) | {"axes": columns_first}, "neighbours")
    assert place.run("predict") == (0, "")
    assert Path("data/submission.csv").read_text() == first


RIGHT = {"family": "support_vectors", "model": "svm", "sha256": {"model.npz": "0"}}
NO_MANIFEST = "manifest.json: not a classifier's manifest: "
BAD_MANIFESTS: dict[str, tuple[object, str]] = {
    "empty": (b"", NO_MANIFEST + "JSONDecodeError"),
    "a pickle": (PICKLE, NO_MANIFEST + "UnicodeDecodeError"),
    "not UTF-8": (b"\x80", NO_MANIFEST + "UnicodeDecodeError"),
    "deep": (b"[" * 100_000, NO_MANIFEST + "RecursionError"),
    "a list": ([], NO_MANIFEST + "TypeError"),
    "a text": ("network", NO_MANIFEST + "TypeError"),
    "no keys": ({}, NO_MANIFEST + "KeyError('family')"),
    "a key less": ({k: v for k, v in RIGHT.items() if k != "model"}, "expected family, model"),
    "a key more": (RIGHT | {"load": "os.system"}, "load; expected family, model, sha256"),
    "another family": (RIGHT | {"family": "network"}, "expected model.tflite, model.weights.h5"),
    "unknown family": (RIGHT | {"family": "pickle"}, NO_MANIFEST + "KeyError('pickle')"),
    "no text as family": (RIGHT | {"family": ["network"]}, NO_MANIFEST + "TypeError"),
    "no files": (RIGHT | {"sha256": {}}, "expected model.npz"),
    "a number": (RIGHT | {"sha256": 7}, NO_MANIFEST + "TypeError"),
    "a path outside": (RIGHT | {"sha256": {"../secret": "0"}}, "files ../secret; expected"),
    "an absolute path": (RIGHT | {"sha256": {"/etc/passwd": "0"}}, "files /etc/passwd; expected"),
    "a file more": (RIGHT | {"sha256": {"model.npz": "0", "x": "0"}}, "expected model.npz"),
    "a wrong sha256": (RIGHT, "model.npz: not the file that was trained"),
    "a number as sha256": (RIGHT | {"sha256": {"model.npz": 7}}, "not the file that was trained"),
}


@pytest.mark.parametrize(("manifest", "expected"), BAD_MANIFESTS.values(), ids=BAD_MANIFESTS)
def test_a_bad_manifest_is_refused(place: Workplace, manifest: object, expected: str) -> None:
    Path("data/secret").write_text("secret")
    content = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    MANIFEST.write_bytes(content)
    said = place.refuses("predict", "error: data/model/", expected, "train again")
    assert sha256(b"secret").hexdigest() not in said


@pytest.mark.parametrize("path", [MANIFEST, ARRAYS])
@pytest.mark.parametrize("folder", [True, False])
def test_a_missing_file_is_named(place: Workplace, path: Path, folder: bool) -> None:
    path.unlink()
    if folder:
        path.mkdir()
    remedy = "train again" if folder else "run dvc repro, which trains it"
    place.refuses("predict", f"{path}: ", remedy)


def packed(method: int, **more: Any) -> bytes:
    """The arrays in a zip of our making; `more` stand in their place as bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, value in (whole() | more).items():
            made.writestr(f"{name}.npy", value if isinstance(value, bytes) else npy(value))
    return file.getvalue()


def npy(value: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, value)
    return file.getvalue()


HUGE = npy(np.zeros((6, 4), np.float32)).replace(b"(6, 4), }" + b" " * 9, b"(9999999999, 4), }")
NAN = np.full((6, 4), np.nan, np.float32)
BAD_ARRAYS: dict[str, tuple[Arrays | bytes, str]] = {
    "empty": (b"", "not a zip file"),
    "zeros": (bytes(100), "not a zip file"),
    "a pickle": (PICKLE, "not a zip file"),
    "an array": (npy(np.zeros(18, np.float32)), "not a zip file"),
    "no arrays": (packed(0)[:0] + b"PK\5\6" + bytes(18), "holds ; expected upright"),
    "packed": (packed(zipfile.ZIP_DEFLATED), "expected arrays that are not packed"),
    "bomb": (
        packed(zipfile.ZIP_DEFLATED, vectors=npy(np.zeros((10**6, 4), np.float32))),
        "bytes; expected arrays that are not packed",
    ),
    "text in place": (packed(0, mean=b"what"), "mean: not a .npy array"),
    "a pickle in place": (packed(0, mean=PICKLE), "mean: not a .npy array"),
    "huge length": (packed(0, vectors=HUGE), "vectors: 224 bytes; expected 160,000,000,112 for"),
    "flipped bits": (packed(0).replace(bytes.fromhex("93"), b"\x94", 3), "Bad CRC-32"),
    "objects": ({"mean": np.array([Evil()] * 18)}, "mean: type |O; expected numbers"),
    "one less": ({"vectors": None}, "; expected upright"),
    "one more": ({"surplus": np.zeros(3)}, "surplus.npy; expected upright"),
    "not finite": ({"vectors": NAN}, "vectors: not finite"),
    "infinite": ({"gamma": np.float64("inf")}, "gamma: not finite"),
    "5 components": ({"vectors": np.zeros((6, 5), np.float32)}, "vectors: float32 (6, 5)"),
    "float64": ({"vectors": np.zeros((6, 4))}, "vectors: float64 (6, 4); expected float32"),
    "flat": ({"vectors": np.zeros(6, np.float32)}, "vectors: float32 (6,); expected"),
    "no vectors": ({"vectors": np.zeros((0, 4), np.float32)}, "vectors: float32 (0, 4); expected"),
    "7 features": ({"axes": np.zeros((4, 7), np.float32)}, "axes: float32 (4, 7); expected"),
    "44 pairs": ({"coefficients": np.zeros((6, 44), np.float32)}, "coefficients: float32 (6, 44)"),
    "44 intercepts": ({"intercepts": np.zeros(44, np.float32)}, "intercepts: float32 (44,)"),
    "int64": ({"gamma": np.int64(1)}, "gamma: int64 (); expected float64"),
    "other cells": ({"cells": 10**12}, "18 features; expected"),
    "no cells": ({"cells": 0}, "18 features; expected 0"),
    "below 0": ({"orientations": -2}, "18 features; expected -18"),
    "big-endian": ({"mean": np.zeros(18, ">f4")}, "mean: type >f4"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_bad_arrays_are_refused(place: Workplace, change: Arrays | bytes, expected: str) -> None:
    if isinstance(change, dict):
        arrays = whole() | change
        change = {name: value for name, value in arrays.items() if value is not None}
    save(change)
    place.refuses("predict", "data/model/model.npz: ", expected, "train again")
    assert not Path("evil").exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"neighbours": 7}, "7 neighbours of 6"),
        ({"neighbours": 0}, "0 neighbours of 6"),
        ({"labels": np.full(6, 10, np.uint8)}, "label 10; expected 0-9"),
        ({"labels": np.zeros(5, np.uint8)}, "labels: uint8 (5,); expected uint8 ('kept',)"),
    ],
)
def test_impossible_neighbours_are_refused(place: Workplace, change: Arrays, expected: str) -> None:
    save(whole(Neighbours) | change, "neighbours")
    place.refuses("predict", "data/model/model.npz: ", expected, "train again")


def test_what_gives_no_probabilities_is_refused(place: Workplace) -> None:
    """Each digit loses to another for sure."""
    signs = np.random.default_rng(0).normal(size=PAIRS).astype(np.float32)
    save(whole() | {"intercepts": signs * 1e9, "slope": 1e308})
    place.refuses("predict", "data/model: gives numbers that are no probabilities; train again")


BAD_CURVES: dict[str, str | bytes] = {
    "empty": "",
    "header only": COLUMNS,
    "a pickle": PICKLE,
    "not UTF-8": b"\xff\xfe",
    "other columns": "epoch,loss\n1,0.5\n",
    "a cell less": COLUMNS + "1,0.5,0.5,0.9\n",
    "a cell more": COLUMNS + "1,0.5,0.5,0.9,0.9,0.9\n",
    "NaN": COLUMNS + "1,nan,0.5,0.9,0.9\n",
    "text": COLUMNS + "1,what,0.5,0.9,0.9\n",
    "a formula": COLUMNS + "1,=1+1,0.5,0.9,0.9\n",
    "half an epoch": COLUMNS + "1.5,0.5,0.5,0.9,0.9\n",
    "a huge epoch": COLUMNS + "9" * 30 + ",0.5,0.5,0.9,0.9\n",
    "quote not closed": COLUMNS + '1,"0.5,0.5,0.9,0.9\n',
    "no header": "1,0.5,0.5,0.9,0.9\n",
}


@pytest.mark.parametrize("content", BAD_CURVES.values(), ids=BAD_CURVES)
def test_a_bad_learning_curve_is_refused(place: Workplace, content: str | bytes) -> None:
    CURVE.write_bytes(content if isinstance(content, bytes) else content.encode())
    place.refuses("evaluate", "learning_curve.csv: not what train writes: ", "train again")


def test_a_missing_learning_curve_is_named(place: Workplace) -> None:
    CURVE.unlink()
    place.refuses("evaluate", "learning_curve.csv: No such file or directory; run train again")
