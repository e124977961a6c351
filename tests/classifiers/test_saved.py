"""A saved network loads and predicts without TensorFlow."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from stages.classifiers import chunks
from stages.classifiers.chunks import predict_chunks
from stages.classifiers.saved import Mean, load
from stages.formats.prepared import Images, Probabilities, to_images
from stages.formats.task import DIGITS
from stages.harness.errors import InputError
from stages.parallel import tasks
from tests.support.clone import ROOT, run_python
from tests.support.samples import npy

IMAGE = np.full((28, 28), 255, np.uint8) * np.eye(28, dtype=np.uint8)


def test_an_image_does_not_depend_on_its_batch_nor_on_the_cores(
    networks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = np.random.default_rng(0).random((1201, 28, 28, 1), np.float32)
    classifier = load(networks / "mlp")
    probabilities = classifier.predict_proba(images)
    assert probabilities.shape == (1201, 10)
    again = classifier.predict_proba(images[700:703])
    np.testing.assert_allclose(again, probabilities[700:703], atol=1e-7)
    monkeypatch.setattr(chunks, "count_processes", lambda: 2)
    np.testing.assert_array_equal(predict_chunks(classifier, images), probabilities)


def test_images_are_read_in_the_forms_that_people_have(networks: Path) -> None:
    classifier = load(networks / "mlp")
    pixels = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    expected = classifier.predict_proba(to_images(pixels))
    forms: list[npt.NDArray[Any]] = [pixels, pixels / 255, pixels[..., None], pixels.astype(int)]
    for form in [*forms, pixels.reshape(3, 784)]:
        np.testing.assert_array_equal(classifier.predict_proba(form), expected)


BAD_IMAGES: dict[str, npt.ArrayLike] = {
    r"an array uint8 of the shape \(28, 28\); expected \(n, 28, 28, 1\)": IMAGE,
    r"an array uint8 .* with values from 0 to 1; expected": IMAGE[None] // 255,
    r"an array bool of the shape": np.zeros((2, 28, 28), bool),
    "an array <U1 of the shape": ["a"],
    "values from 0.0 to 255.0; expected .*, or floats in": IMAGE[None] * 1.0,
    "values from -1 to 0": np.full((1, 28, 28), 0) - np.eye(28, dtype=int),
    "values from nan": np.full((1, 28, 28), np.nan),
}


@pytest.mark.parametrize(("expected", "array"), BAD_IMAGES.items())
def test_other_arrays_are_named(networks: Path, expected: str, array: Any) -> None:
    with pytest.raises(InputError, match=expected) as caught:
        load(networks / "mlp").predict_proba(array)
    assert "train again" not in str(caught.value)


@pytest.mark.parametrize("rows", [0, 1, 6])
def test_each_image_needs_a_row_of_its_own(rows: int) -> None:
    """NumPy would repeat a single row for all images."""

    class Broken:
        task = DIGITS

        def predict_proba(self, images: Images) -> Probabilities:
            return np.full((rows, 10), np.float32(0.1))

    images = np.zeros((5, 28, 28, 1), np.float32)
    for classifier in (Broken(), Mean([Broken()])):
        with pytest.raises(InputError, match=rf"output for 5 images has the shape \({rows}, 10\)"):
            predict_chunks(classifier, images)


def test_a_worker_returns_a_row_for_each(networks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"probabilities.npy": npy(np.full((1, 10), np.float32(0.1)))}
    monkeypatch.setattr(chunks, "count_chunk", lambda shape: 2)
    monkeypatch.setattr(tasks, "address", lambda: "tcp://worker")
    monkeypatch.setattr(tasks, "run_tasks", lambda todo, **_: [few for _ in todo])
    with pytest.raises(InputError, match=r"output for 4 images has the shape \(2, 10\)"):
        chunks.predict(networks / "mlp", np.zeros((4, 28, 28, 1), np.float32))


def test_only_training_needs_tensorflow(networks: Path) -> None:
    """The stages start, and a network predicts, where TensorFlow cannot be imported at all."""
    stages = ", ".join(f"stages.{path.stem}" for path in (ROOT / "stages").glob("[a-z]*.py"))
    code = (
        "import sys, tests; sys.modules['tensorflow'] = sys.modules['keras'] = None;"
        f"import {stages}; from pathlib import Path; import numpy as np;"
        "from stages.classifiers.saved import load;"
        "print(load(Path(sys.argv[1])).predict_proba(np.zeros((2, 28, 28, 1), 'f4')).shape)"
    )
    assert run_python(code, str(networks / "mlp")).stdout == "(2, 10)\n"
