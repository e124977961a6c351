"""Bad tables and scores, as `report` refuses them, which draws from them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from stages.arrays import write_sums
from tests.clone import ROOT
from tests.refusal import Workplace
from tests.test_refuse_classifiers import place  # noqa: F401

METRICS = Path("metrics")
TABLES = ("coverage", "learning_curve", "reliability", "test_predictions", "validation_predictions")
SCORES, SUBMISSION = METRICS / "evaluate.json", Path("data/submission.csv")


@pytest.fixture
def made(place: Workplace) -> Workplace:  # noqa: F811
    """A folder where `report` can run: with two mistakes at least."""
    Path("data/digits").mkdir()
    for name in ("train", "test"):
        Path(f"data/digits/{name}.csv").write_text(name)
    shutil.copy(ROOT / "requirements.in", place.folder)
    write_sums(Path("data/prepared"))
    for stage in ("evaluate", "predict"):
        assert place.run(stage) == (0, "")
    return place


def test_the_good_ones_are_accepted(made: Workplace) -> None:
    assert made.run("report") == (0, "")
    first = made.files()
    assert {"metrics/report.html", "metrics/figures/coverage.png"} <= set(first)
    assert made.run("report") == (0, "")
    assert made.files() == first


def edited(path: Path, row: int, column: str, value: str) -> None:
    """Puts a value into a cell of a table."""
    header, *rows = [line.split(",") for line in path.read_text().splitlines()]
    rows[row][header.index(column)] = value
    path.write_text("\n".join(",".join(cells) for cells in (header, *rows)) + "\n")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("content", [b"", b"\x80\x02.", b"a,b\n1,2\n", b'"\n', b"\0"], ids=repr)
def test_what_is_no_table_is_refused(made: Workplace, name: str, content: bytes) -> None:
    (METRICS / f"{name}.csv").write_bytes(content)
    stage = "predict" if name.startswith("test") else "evaluate"
    made.refuses("report", f"metrics/{name}.csv: not what {stage} writes: ", f"run {stage} again")


BAD_CELLS = [
    ("validation_predictions", "row", "-1", "row 1, row: -1; expected 0 to 1000000000"),
    ("validation_predictions", "row", "30", "not the labels of data/prepared; run evaluate again"),
    ("validation_predictions", "actual", "10", "row 1, actual: 10; expected 0 to 9"),
    ("validation_predictions", "actual", "7", "not the labels of data/prepared"),
    ("validation_predictions", "predicted", "1.0", "invalid literal"),
    ("validation_predictions", "confidence", "nan", "row 1, confidence: nan; expected 0 to 1"),
    ("validation_predictions", "confidence", "0.5,1", "row 1: 5 cells; expected 4"),
    ("test_predictions", "row", "30", "test_images.npy: 30 images, row 30; run dvc repro"),
    ("test_predictions", "predicted", "=1+1", "invalid literal"),
    ("learning_curve", "train_loss", "inf", "row 1, train_loss: inf"),
    ("reliability", "digits", "9" * 5000, "not what evaluate writes"),
    ("coverage", "accuracy", "1.5", "row 1, accuracy: 1.5; expected 0 to 1"),
]


@pytest.mark.parametrize(("name", "column", "value", "expected"), BAD_CELLS)
def test_a_bad_cell_is_named(
    made: Workplace, name: str, column: str, value: str, expected: str
) -> None:
    edited(METRICS / f"{name}.csv", 0, column, value)
    made.refuses("report", expected)


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_table_is_named(made: Workplace, name: str) -> None:
    (METRICS / f"{name}.csv").unlink()
    made.refuses("report", f"metrics/{name}.csv: No such file or directory; run ")


def test_another_submission_is_refused(made: Workplace) -> None:
    digit = SUBMISSION.read_text().splitlines()[1].split(",")[1]
    edited(SUBMISSION, 0, "Label", str((int(digit) + 1) % 10))
    made.refuses("report", "data/submission.csv: not the digits of metrics/test_predictions.csv")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"accuracy": "<script>"}, "'<=' not supported"),
        ({"accuracy": 1.5}, "accuracy: 1.5; expected 0 to 1"),
        ({"log_loss": float("nan")}, "log_loss: nan"),
        ({"more": 1}, "expected accuracy, accuracy_low"),
    ],
)
def test_bad_scores_are_refused(made: Workplace, change: dict[str, object], expected: str) -> None:
    SCORES.write_text(json.dumps(json.loads(SCORES.read_text()) | change))
    made.refuses("report", "metrics/evaluate.json: not what evaluate writes: ", expected)


@pytest.mark.parametrize("text", ["", "[]", "7", "null", "[" * 5000])
def test_what_are_no_scores_is_refused(made: Workplace, text: str) -> None:
    SCORES.write_text(text)
    made.refuses("report", "metrics/evaluate.json: not what evaluate writes: ")


def test_other_images_are_refused(made: Workplace) -> None:
    np.save("data/prepared/test_images.npy", np.zeros((29, 28, 28, 1), np.float32))
    write_sums(Path("data/prepared"))
    made.refuses("report", "data/prepared/test_images.npy: 29 images")
