"""Another task than digits: four classes of small colour pictures, in a copy of the project.

docs/adapt.md does the same by hand.
"""

import csv
import re
import sys

import pytest

from stages.harness import paths
from tests.support import tiles
from tests.support.clone import Clone

pytestmark = [pytest.mark.nightly, pytest.mark.slow, pytest.mark.timeout(600)]
SMALL = {"filters": [8, 16, 16], "epochs": 10, "members": 1, "batch_size": 32}


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A copy with another SHAPE and other CLASSES, and 400 labelled pictures as its source."""
    clone = Clone.of_project(tmp_path_factory.mktemp("adapted"))
    task = clone.folder / "stages" / "formats" / "task.py"
    text = re.sub("^SHAPE = .*", f"SHAPE = {tiles.SIZE}", task.read_text(), flags=re.MULTILINE)
    task.write_text(re.sub("^CLASSES = .*", f"CLASSES = {tiles.NAMES}", text, flags=re.MULTILINE))
    tiles.main(clone.folder / paths.SOURCES / "tiles")
    for key, value in SMALL.items():
        clone.set(f"models.cnn.{key}", value)
    clone.set("train.model", "cnn")
    clone.set("data.source", "tiles")
    clone.set("report.reference", None)
    clone.dvc("add", "--quiet", "data/sources/tiles")
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--message", "Tell tiles apart")
    return clone


def test_the_pipeline_tells_the_classes_apart(adapted: Clone) -> None:
    adapted.dvc("repro")
    assert adapted.metrics()["accuracy"] > 0.8
    with (adapted.folder / paths.SUBMISSION).open() as file:
        rows = list(csv.DictReader(file))
    assert [row["ImageId"] for row in rows] == [str(i) for i in range(1, tiles.COUNT + 1)]
    assert {row["Label"] for row in rows} == {"0", "1", "2", "3"}
    page = (adapted.folder / paths.REPORT).read_text()
    assert all(name in page for name in tiles.NAMES)


def test_what_only_digits_have_is_refused_in_one_line(adapted: Clone) -> None:
    for change, expected in (
        ("train.model=svm", "svm and knn read grey images of shape (28, 28, 1)"),
        ("data.source=mnist_5k", "images of 784 numbers; expected 1440: SHAPE in"),
    ):
        printed = adapted.dvc("exp", "run", "--temp", "-S", change, status=255)
        [line] = re.findall("^error: .*", printed, re.MULTILINE)
        assert expected in line
        assert "Traceback" not in printed
    printed = adapted.run(sys.executable, "-m", "tools.recognize", "photo.png", status=1)
    assert re.fullmatch("error: this tool frames digits as MNIST's; .*\n", printed)
