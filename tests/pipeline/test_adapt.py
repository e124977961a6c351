"""Another task than digits: four classes of small colour pictures, in a copy of the project."""

import csv
import json
import sys
from pathlib import Path

import pytest

from stages.harness import paths
from tests.support import tiles
from tests.support.clone import Clone

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A copy with another SHAPE and other CLASSES, and 400 labelled pictures as its source."""
    clone = Clone.of_project(tmp_path_factory.mktemp("adapted"))
    task = clone.folder / "stages" / "formats" / "task.py"
    lines = task.read_text().splitlines()
    for start, value in (("SHAPE = ", tiles.SIZE), ("CLASSES = ", tiles.NAMES)):
        [at] = [i for i, line in enumerate(lines) if line.startswith(start)]
        lines[at] = f"{start}{value}"
    task.write_text("\n".join(lines) + "\n")
    tiles.main(clone.folder / paths.SOURCES / "tiles")
    clone.set("data.source", "tiles")
    clone.set("models.mlp.learning_rate", 0.0003)
    small = {"filters": [8, 16, 16], "epochs": 10, "members": 1, "batch_size": 32}
    for key, number in small.items():
        clone.set(f"models.cnn.{key}", number)
    clone.set("report.reference", None)
    clone.dvc("add", "--quiet", "data/sources/tiles")
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--message", "Tell tiles apart")
    return clone


def test_the_whole_pipeline_runs_in_one_call(adapted: Clone) -> None:
    """With `cnn`; docs/adapt.md runs it with `mlp` too."""
    adapted.dvc("exp", "run", "-S", "train.model=cnn")
    manifest = json.loads((adapted.folder / paths.MODEL / "manifest.json").read_text())
    assert manifest["model"] == "cnn"
    assert adapted.dvc("status") == "Data and pipelines are up to date.\n"
    check_outputs(adapted.folder, adapted.metrics()["accuracy"])


def check_outputs(folder: Path, accuracy: float) -> None:
    assert accuracy > 0.8
    with (folder / paths.SUBMISSION).open() as file:
        rows = list(csv.DictReader(file))
    assert [row["ImageId"] for row in rows] == [str(i) for i in range(1, tiles.COUNT + 1)]
    assert {row["Label"] for row in rows} == {"0", "1", "2", "3"}
    page = (folder / paths.REPORT).read_text()
    assert all(name in page for name in tiles.NAMES)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("train.model=svm", "svm and knn read grey images of shape (28, 28, 1)"),
        ("data.source=mnist_5k", "images of 784 numbers; expected 1440: SHAPE in"),
    ],
)
def test_what_only_digits_have_is_refused_in_one_line(
    adapted: Clone, change: str, expected: str
) -> None:
    model = () if "svm" in change else ("-S", "train.model=cnn")
    printed = adapted.dvc("exp", "run", "-S", change, *model, status=255)
    [line] = [line for line in printed.splitlines() if line.startswith("error: ")]
    assert expected in line
    assert "Traceback" not in printed


def test_the_picture_tool_refuses_in_one_line(adapted: Clone) -> None:
    printed = adapted.run(sys.executable, "-m", "tools.recognize", "photo.png", status=1)
    assert printed.startswith("error: this tool frames digits as MNIST's; ")
    assert printed.count("\n") == 1
