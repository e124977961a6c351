"""Bad classifiers in data/model, as `predict` refuses them; `test_results` accepts the good one."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from stages.formats.task import DIGITS
from tests.support.samples import (
    ARRAYS,
    MANIFEST,
    PICKLE,
    Arrays,
    classifier_arrays,
    packed,
    save_model,
)
from tests.support.workplace import Workplace

TASK = DIGITS.model_dump()
RIGHT = {"model": "svm", "task": TASK, "parts": [], "sha256": {"model.npz": "0"}}
BAD_MANIFESTS: dict[str, tuple[object, str]] = {
    "a pickle": (PICKLE, "the whole file: Invalid JSON"),
    "no keys": ({}, "model: Field required"),
    "code as model": (RIGHT | {"model": "__init__"}, "model: Input should be 'cnn', 'knn', 'mlp'"),
    "a number": (RIGHT | {"sha256": 7}, "sha256: Input should be an object, found 7"),
    "a path outside": (RIGHT | {"sha256": {"../secret": "0"}}, "secret.[key]: String should match"),
    "two channels": (RIGHT | {"task": TASK | {"shape": (28, 28, 2)}}, "shape.2: Input should be 1"),
    "one class": (RIGHT | {"task": TASK | {"classes": ["0"]}}, "classes: Tuple should have at"),
    "no file": (RIGHT | {"sha256": {}}, "sha256: Dictionary should have at least 1 item"),
    "a million": (
        RIGHT | {"sha256": dict.fromkeys(map(str, range(10**6)), "")},
        "at most 99 items",
    ),
    "a part outside": (RIGHT | {"parts": ["../x"]}, "parts.0: String should match"),
    "no text": ({"model": "\ud800"}, "Invalid JSON"),
    "a wrong sha256": (RIGHT, "model.npz: not the file that was trained"),
}


@pytest.mark.parametrize(("manifest", "expected"), BAD_MANIFESTS.values(), ids=BAD_MANIFESTS)
def test_a_bad_manifest(with_classifier: Workplace, manifest: object, expected: str) -> None:
    Path("data/secret").write_text("secret")
    content = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    MANIFEST.write_bytes(content)
    said = with_classifier.refuses("predict", "error: data/model/", expected, "; ")
    assert sha256(b"secret").hexdigest() not in said


@pytest.mark.parametrize("path", [MANIFEST, ARRAYS])
def test_a_missing_file_is_named(with_classifier: Workplace, path: Path) -> None:
    path.unlink()
    with_classifier.refuses("predict", f"{path}: ", "run dvc repro")
    path.mkdir()
    with_classifier.refuses("predict", f"{path}: Is a directory; ")


OTHER = "/model.npz: not this classifier's arrays: "
GOOD = classifier_arrays()
ONE_LESS = {name: value for name, value in GOOD.items() if name != "vectors"}
# All scores are minus infinity: each digit surely loses to another.
SIGNS = np.random.default_rng(0).normal(size=45).astype(np.float32)
INFINITE = GOOD | {"intercepts": SIGNS * 1e9, "slope": 1e308}
BAD_ARRAYS: dict[str, tuple[Arrays | bytes, str]] = {
    "flipped bits": (packed(0).replace(b"\x93", b"\x94", 3), f"{OTHER}Bad CRC-32"),
    "one less": (ONE_LESS, f"{OTHER}SupportVectors.__init__() missing 1 required keyword-only arg"),
    "no probabilities": (INFINITE, ": its output is not probabilities; train"),
}


@pytest.mark.parametrize(("content", "expected"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_bad_arrays(with_classifier: Workplace, content: Arrays | bytes, expected: str) -> None:
    save_model(content)
    with_classifier.refuses("predict", f"error: data/model{expected}", "; train again")
