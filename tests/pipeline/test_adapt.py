"""Another task than digits, in a copy of the project; docs/adapt.md does the same by hand."""

import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from stages.harness import paths
from tests.support import tiles
from tests.support.clone import Clone

CNN = {"filters": [8, 16, 16], "epochs": 10, "members": 1, "batch_size": 32}
CHANGES = {"data.source": "tiles", "train.model": "cnn", "report.reference": None}


@pytest.mark.nightly
@pytest.mark.slow
def test_small_colour_pictures_in_four_classes(tmp_path: Path) -> None:
    """The network tells them apart; what reads only digits refuses them in one line."""
    clone = Clone.of_project(tmp_path)
    task = tmp_path / "stages" / "formats" / "task.py"
    text = re.sub("(?m)^SHAPE = .*", f"SHAPE = {tiles.SIZE}", task.read_text())
    task.write_text(re.sub("(?m)^CLASSES = .*", f"CLASSES = {tiles.NAMES}", text))
    tiles.main(tmp_path / paths.SOURCES / "tiles")
    for key, value in (
        CHANGES | {f"models.cnn.{key}": value for key, value in CNN.items()}
    ).items():
        clone.set(key, value)
    clone.dvc("repro")
    assert clone.metrics()["accuracy"] > 0.8
    submission = pd.read_csv(tmp_path / paths.SUBMISSION)
    assert list(submission["ImageId"]) == list(range(1, tiles.COUNT + 1))
    assert all(name in (tmp_path / paths.REPORT).read_text() for name in tiles.NAMES)
    clone.set("train.model", "svm")
    refusal = "svm and knn read grey images of shape (28, 28, 1)"
    assert f"\nerror: {refusal}" in clone.dvc("repro", status=255)
    clone.set("data.source", "mnist_5k")
    assert "images of 784 numbers; expected 1440: SHAPE in" in clone.dvc("repro", status=255)
    printed = clone.run(sys.executable, "-m", "tools.recognize", "photo.png", status=1)
    assert re.fullmatch("error: this tool frames digits as MNIST's; .*\n", printed)
