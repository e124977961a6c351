"""Preprocessing: the values and the shape; `test_competition` has the forms of CSV files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages import preprocess, split
from stages.formats import competition
from stages.formats.prepared import open_array, read_labels, read_split, to_images
from stages.harness import paths
from stages.harness.outputs import write_sums
from tests.support.samples import Pixels, write_raw
from tests.support.workplace import Workplace


@pytest.mark.parametrize("chunk_rows", [1, 7, 2048])
def test_the_stage_writes_images_in_0_to_1_and_labels(
    source: Path, digits: tuple[Pixels, Pixels], monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    monkeypatch.setattr(competition, "CHUNK_PIXELS", chunk_rows * 784)
    preprocess.main()
    pixels, labels = digits
    images = np.load(paths.TRAIN_IMAGES)
    assert (images.shape, images.dtype.name) == ((60, 28, 28, 1), "float32")
    assert (images.min(), images.max()) == (0, 1)
    np.testing.assert_array_equal(images.reshape(60, 784), pixels[:60] / np.float32(255))
    np.testing.assert_array_equal(np.load(paths.TEST_IMAGES), to_images(pixels[60:80]))
    np.testing.assert_array_equal(read_labels(paths.TRAIN_LABELS), labels[:60])
    assert {path.name for path in paths.PREPARED.iterdir()} == {
        "train_images.npy", "train_labels.npy", "test_images.npy", "task.json", "SHA256SUMS",
    }  # fmt: skip
    np.save(source / "whole.npy", images)
    assert paths.TRAIN_IMAGES.read_bytes() == (source / "whole.npy").read_bytes()


def test_equal_images_are_counted_and_stay_on_one_side(
    source: Path, digits: tuple[Pixels, Pixels], capsys: pytest.CaptureFixture[str]
) -> None:
    pixels, labels = (part[:60].repeat(3, axis=0) for part in digits)
    labels[1] = (labels[0] + 1) % 10  # one image, two labels
    write_raw((pixels, labels), digits[0][50:80])
    preprocess.main()
    equal = "120 labelled images equal an earlier one, 1 of them with another label; "
    warnings = [equal + "equal images stay on one side of the split"]
    warnings.append("10 test images equal a labelled one: their score would be too high")
    assert paths.DATA_WARNINGS.read_text("utf-8").splitlines() == warnings
    assert [f"warning: {line}" for line in warnings] == capsys.readouterr().out.splitlines()[:2]
    groups = open_array(paths.GROUPS)
    assert groups is not None
    assert groups.tolist() == np.arange(0, 180, 3).repeat(3).tolist()
    split.main()
    [(train, validation)] = read_split(paths.SPLIT, 180)
    assert not set(groups[train]) & set(groups[validation])


UNLIKE = {
    "inverted": (lambda pixels: 255 - pixels, "replace each pixel p by 255 - p"),
    "of another scale": (lambda pixels: pixels // 17, "make the brightest pixel 255"),
}


@pytest.mark.parametrize(("change", "expected"), UNLIKE.values(), ids=UNLIKE)
@pytest.mark.parametrize("parts", [["labelled"], ["test"], ["labelled", "test"]])
def test_what_looks_unlike_digits_is_said(
    source: Path, digits: tuple[Pixels, Pixels], change: Any, expected: str, parts: list[str]
) -> None:
    pixels, labels = digits
    shown = [change(pixels) if part in parts else pixels for part in ("labelled", "test")]
    write_raw((shown[0][:60], labels[:60]), shown[1][60:80])
    preprocess.main()
    lines = paths.DATA_WARNINGS.read_text("utf-8").splitlines()
    assert [line.partition(" images:")[0] for line in lines if expected in line] == parts
    assert any("make them alike" in line for line in lines) == (len(parts) == 1)


def test_changed_and_swapped_files_are_refused(source: Path, place: Workplace) -> None:
    """DVC does not check what it takes from its cache."""
    text = (source / "train.csv").read_text()
    (source / "train.csv").write_text(text.replace(",0,", ",1,", 1))
    place.refuses("preprocess", "data/raw/train.csv: its SHA-256 is not that of SHA256SUMS; run")
    (source / "test.csv").replace(source / "train.csv")
    write_sums(paths.RAW)
    place.refuses("preprocess", "train.csv: no labels; are train.csv and test.csv swap")
