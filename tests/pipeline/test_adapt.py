"""Another task than digits, in a copy of the project; docs/adapt.md does the same by hand."""

import csv
import re
import sys
from pathlib import Path

import pytest

from stages.harness import paths
from tests.support import tiles
from tests.support.clone import Clone

SMALL: dict[str, object] = {"filters": [8, 16, 16], "epochs": 10, "members": 1, "batch_size": 32}
CHANGES: dict[str, object] = {
    "data.source": "tiles",
    "train.model": "cnn",
    "report.reference": None,
}
CHANGES |= {f"models.cnn.{key}": value for key, value in SMALL.items()}
ONLY_DIGITS = {
    ("train.model", "svm"): "svm and knn read grey images of shape (28, 28, 1)",
    ("data.source", "mnist_5k"): "images of 784 numbers; expected 1440: SHAPE in",
}


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_small_colour_pictures_in_four_classes(tmp_path: Path) -> None:
    """The network tells them apart; what reads only digits refuses them in one line."""
    clone = Clone.of_project(tmp_path)
    task = tmp_path / "stages" / "formats" / "task.py"
    text = re.sub("(?m)^SHAPE = .*", f"SHAPE = {tiles.SIZE}", task.read_text())
    task.write_text(re.sub("(?m)^CLASSES = .*", f"CLASSES = {tiles.NAMES}", text))
    tiles.main(tmp_path / paths.SOURCES / "tiles")
    for key, value in CHANGES.items():
        clone.set(key, value)
    clone.dvc("repro")
    assert clone.metrics()["accuracy"] > 0.8
    with (tmp_path / paths.SUBMISSION).open() as file:
        rows = list(csv.DictReader(file))
    assert [row["ImageId"] for row in rows] == [str(i) for i in range(1, tiles.COUNT + 1)]
    assert {row["Label"] for row in rows} == {"0", "1", "2", "3"}
    page = (tmp_path / paths.REPORT).read_text()
    assert all(name in page for name in tiles.NAMES)
    for (key, value), expected in ONLY_DIGITS.items():
        clone.set(key, value)
        printed = clone.dvc("repro", status=255)
        [line] = re.findall("(?m)^error: .*", printed)
        assert expected in line
        assert "Traceback" not in printed
        clone.set(key, CHANGES[key])
    printed = clone.run(sys.executable, "-m", "tools.recognize", "photo.png", status=1)
    assert re.fullmatch("error: this tool frames digits as MNIST's; .*\n", printed)
