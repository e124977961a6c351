"""Pictures: what is in them, and that their bytes depend on nothing else."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from stages import figures
from stages.evaluate import first_of_each
from stages.preprocess import to_images
from tests.conftest import Pixels

HISTORY = """epoch,train_loss,validation_loss,train_accuracy,validation_accuracy
1,0.5,0.4,0.8,0.85
2,0.2,0.3,0.95,0.9
"""


def make(name: str, digits: tuple[Pixels, Pixels]) -> Figure:
    images, labels = to_images(digits[0]), digits[1]
    match name:
        case "samples":
            order = first_of_each(labels)
            return figures.samples(images[order], labels[order])
        case "gallery":
            return figures.gallery("A title", images[:13], [str(i) for i in labels[:13]])
        case "confusion":
            return figures.confusion(np.diag(range(10)) + np.eye(10, k=1, dtype=int))
        case _:
            return figures.learning_curve(
                np.genfromtxt(StringIO(HISTORY), delimiter=",", names=True)
            )


@pytest.mark.parametrize("name", ["samples", "gallery", "confusion", "learning_curve"])
def test_the_same_figure_gives_the_same_bytes(
    tmp_path: Path, digits: tuple[Pixels, Pixels], name: str
) -> None:
    for path in (tmp_path / "a.png", tmp_path / "b.png"):
        figures.save(make(name, digits), path)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as picture:
        assert not {"Software", "Creation Time", "date"} & set(picture.info)
        assert min(picture.size) > 100
        assert np.asarray(picture.convert("L")).std() > 5  # not an empty page


@pytest.mark.parametrize("name", ["samples", "gallery", "confusion", "learning_curve"])
def test_no_text_is_cut_off(digits: tuple[Pixels, Pixels], name: str) -> None:
    figure = make(name, digits)
    figure.draw_without_rendering()
    page = figure.bbox
    for axes in figure.axes:
        for text in (*axes.texts, axes.title, axes.xaxis.label, axes.yaxis.label):
            box = text.get_window_extent()
            assert page.x0 <= box.x0 <= box.x1 <= page.x1, text
            assert page.y0 <= box.y0 <= box.y1 <= page.y1, text


def test_samples_have_a_column_for_each_digit(digits: tuple[Pixels, Pixels]) -> None:
    captions = [text.get_text() for text in make("samples", digits).axes[0].texts]
    assert captions == [str(digit) for digit in range(10)] * 5


def test_every_cell_of_the_confusion_matrix_has_its_number(digits: tuple[Pixels, Pixels]) -> None:
    axes = make("confusion", digits).axes[0]
    assert [text.get_text() for text in axes.texts[:12]] == [*"01" + "0" * 8, *"01"]
    assert axes.get_title().startswith("9 of 54 validation digits wrong")
