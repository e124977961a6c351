"""Bad classifiers in data/model, as `predict` and `evaluate` refuse them."""

import json
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from stages.classifiers.exemplars import PAIRS, Neighbours
from tests.support.samples import (
    ARRAYS,
    CURVE,
    CURVE_HEADER,
    MANIFEST,
    PICKLE,
    Arrays,
    Evil,
    classifier_arrays,
    npy,
    packed,
    sign,
)
from tests.support.workplace import Workplace


def save(content: Arrays | bytes, family: str = "support_vectors") -> None:
    """Saves arrays, or bytes in their place, with a manifest that fits them."""
    if isinstance(content, bytes):
        ARRAYS.write_bytes(content)
    else:
        np.savez(ARRAYS, **content)
    sign(family, ARRAYS)


def test_the_good_ones_are_accepted(with_classifier: Workplace) -> None:
    """The cases below change these, so that the change is what is refused."""
    assert with_classifier.run("predict") == (0, "")
    assert with_classifier.run("evaluate") == (0, "")
    save(classifier_arrays(Neighbours), "neighbours")
    assert with_classifier.run("predict") == (0, "")
    first = Path("data/submission.csv").read_text()
    columns_first = np.asfortranarray(classifier_arrays()["axes"])  # as scikit-learn gives them
    save(classifier_arrays(Neighbours) | {"axes": columns_first}, "neighbours")
    assert with_classifier.run("predict") == (0, "")
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
def test_a_bad_manifest_is_refused(
    with_classifier: Workplace, manifest: object, expected: str
) -> None:
    Path("data/secret").write_text("secret")
    content = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    MANIFEST.write_bytes(content)
    said = with_classifier.refuses("predict", "error: data/model/", expected, "train again")
    assert sha256(b"secret").hexdigest() not in said


@pytest.mark.parametrize("path", [MANIFEST, ARRAYS])
@pytest.mark.parametrize("folder", [True, False])
def test_a_missing_file_is_named(with_classifier: Workplace, path: Path, folder: bool) -> None:
    path.unlink()
    if folder:
        path.mkdir()
    remedy = "train again" if folder else "run dvc repro, which trains it"
    with_classifier.refuses("predict", f"{path}: ", remedy)


HUGE = npy(np.zeros((6, 4), np.float32)).replace(b"(6, 4), }" + b" " * 9, b"(9999999999, 4), }")
NAN = np.full((6, 4), np.nan, np.float32)
BAD_ARRAYS: dict[str, tuple[Arrays | bytes, str]] = {
    "empty": (b"", "not a zip file"),
    "zeros": (bytes(100), "not a zip file"),
    "a pickle": (PICKLE, "not a zip file"),
    "an array": (npy(np.zeros(18, np.float32)), "not a zip file"),
    "no arrays": (b"PK\5\6" + bytes(18), "holds ; expected upright"),
    "packed": (packed(zipfile.ZIP_DEFLATED), "expected arrays that are not packed"),
    "bomb": (
        packed(zipfile.ZIP_DEFLATED, vectors=npy(np.zeros((10**6, 4), np.float32))),
        "bytes; expected arrays that are not packed",
    ),
    "text in place": (packed(0, mean=b"what"), "mean: not a .npy array"),
    "a pickle in place": (packed(0, mean=PICKLE), "mean: not a .npy array"),
    "huge length": (packed(0, vectors=HUGE), "vectors: not a .npy array: cannot reshape"),
    "a byte more": (packed(0, mean=npy(np.zeros(18)) + b"0"), "mean: not a .npy array"),
    "flipped bits": (packed(0).replace(bytes.fromhex("93"), b"\x94", 3), "Bad CRC-32"),
    "objects": ({"mean": np.array([Evil()] * 18)}, "mean: not a .npy array: cannot create"),
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
    "big-endian": ({"mean": np.zeros(18, ">f4")}, "mean: >f4 (18,); expected float32"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_bad_arrays_are_refused(
    with_classifier: Workplace, change: Arrays | bytes, expected: str
) -> None:
    if isinstance(change, dict):
        arrays = classifier_arrays() | change
        change = {name: value for name, value in arrays.items() if value is not None}
    save(change)
    with_classifier.refuses("predict", "data/model/model.npz: ", expected, "train again")
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
def test_impossible_neighbours_are_refused(
    with_classifier: Workplace, change: Arrays, expected: str
) -> None:
    save(classifier_arrays(Neighbours) | change, "neighbours")
    with_classifier.refuses("predict", "data/model/model.npz: ", expected, "train again")


def test_an_output_that_is_not_probabilities_is_refused(with_classifier: Workplace) -> None:
    """All scores are minus infinity: each digit surely loses to another."""
    signs = np.random.default_rng(0).normal(size=PAIRS).astype(np.float32)
    save(classifier_arrays() | {"intercepts": signs * 1e9, "slope": 1e308})
    with_classifier.refuses(
        "predict", "data/model: gives numbers that are not probabilities; train"
    )


BAD_CURVES: dict[str, str | bytes] = {
    "header only": CURVE_HEADER,
    "a pickle": PICKLE,
    "other columns": "epoch,loss\n1,0.5\n",
    "a cell less": CURVE_HEADER + "1,0.5,0.5,0.9\n",
    "NaN": CURVE_HEADER + "1,nan,0.5,0.9,0.9\n",
    "half an epoch": CURVE_HEADER + "1.5,0.5,0.5,0.9,0.9\n",
}


@pytest.mark.parametrize("content", BAD_CURVES.values(), ids=BAD_CURVES)
def test_a_bad_learning_curve_is_refused(with_classifier: Workplace, content: str | bytes) -> None:
    CURVE.write_bytes(content if isinstance(content, bytes) else content.encode())
    with_classifier.refuses("evaluate", "learning_curve.csv: damaged; expected ", "run dvc repro")


def test_a_missing_learning_curve_is_named(with_classifier: Workplace) -> None:
    CURVE.unlink()
    with_classifier.refuses(
        "evaluate", "learning_curve.csv: No such file or directory; run dvc repro"
    )
