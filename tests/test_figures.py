"""Charts: what they say, that no text is cut off, and that their bytes depend on nothing else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from stages import calibration, figures
from stages.tables import COVERAGE, LEARNING_CURVE, RELIABILITY, Column, Table
from tests.conftest import Run
from tests.test_scores import probabilities


def table(columns: dict[str, Column], *rows: tuple[float, ...]) -> Table:
    return np.array(list(rows), [(name, column.parse) for name, column in columns.items()])


CURVE = table(LEARNING_CURVE, (1, 0.5, 0.4, 0.8, 0.85), (2, 0.2, 0.3, 0.95, 0.9))
OVERFITTED = table(LEARNING_CURVE, *((i, 1 / i, abs(i - 40) / 9 + 9, 1, 1) for i in range(1, 101)))
BINS = table(RELIABILITY, (0.5, 0.6, 0.55, 0.75, 0.5, 0.9, 20), (0.9, 1, 0.95, 0.96, 0.9, 0.99, 80))
ALL_RIGHT = table(RELIABILITY, (0.9, 1, 1, 1, 0.99, 1, 300))
SHARES = table(COVERAGE, *((i / 100, 1 - i / 2000) for i in range(1, 101)))
COUNTS = np.diag(range(10)) + np.eye(10, k=1, dtype=int)

MAKERS: dict[str, Callable[[], Figure]] = {
    "loss": lambda: figures.loss(CURVE),
    "loss of one epoch": lambda: figures.loss(CURVE[:1]),
    "loss of an overfitted classifier": lambda: figures.loss(OVERFITTED),
    "accuracy": lambda: figures.accuracy(CURVE),
    "accuracy of 100%": lambda: figures.accuracy(OVERFITTED),
    "reliability": lambda: figures.reliability(BINS),
    "reliability of one bin": lambda: figures.reliability(ALL_RIGHT),
    "coverage": lambda: figures.coverage(SHARES),
    "coverage of none wrong": lambda: figures.coverage(table(COVERAGE, (0.9, 1), (1, 1))),
    "confusion": lambda: figures.confusion(COUNTS),
    "confusion of thousands": lambda: figures.confusion(COUNTS * 9999),
}


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_figure_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    for path in (tmp_path / "a.png", tmp_path / "b.png"):
        figures.save(MAKERS[name](), path)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert figures.svg(MAKERS[name]()) == figures.svg(MAKERS[name]())
    with Image.open(tmp_path / "a.png") as picture:
        assert not {"Software", "Creation Time", "date"} & set(picture.info)
        assert min(picture.size) > 100
        assert np.asarray(picture.convert("L")).std() > 5  # not an empty page


def within_page(figure: Figure) -> bool:
    """Whether all that a figure shows lies within it."""
    figure.draw_without_rendering()
    shown, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    return bool(min(shown.x0, shown.y0) >= 0 and shown.x1 <= width and shown.y1 <= height)


@pytest.mark.parametrize("name", MAKERS)
def test_no_text_is_cut_off(name: str) -> None:
    assert within_page(MAKERS[name]())


def test_a_text_that_is_cut_off_is_noticed() -> None:
    figure = figures.loss(CURVE)
    figure.axes[0].set_title("a long title " * 9)
    assert not within_page(figure)


def title(figure: Figure) -> str:
    return figure.axes[0].get_title(loc="left")


def test_the_title_says_the_finding() -> None:
    assert title(figures.loss(CURVE)) == "Validation loss 0.3000 nats"
    assert title(figures.loss(CURVE[::-1])).endswith(" 0.4000 nats, least after epoch 2")
    assert title(figures.accuracy(CURVE)) == "Validation accuracy 90.00%, training 95.00%"
    assert title(figures.reliability(BINS)) == "On average 4.8 points less sure than right"
    assert title(figures.reliability(ALL_RIGHT)) == "On average as sure as right"
    assert title(figures.coverage(SHARES)) == "The surest 90% of the digits are 95.50% right"
    assert title(figures.confusion(COUNTS)) == "9 of 54 validation digits wrong"  # none leads
    counts = COUNTS + np.eye(10, k=9, dtype=int) * 2
    assert title(figures.confusion(counts)).endswith("wrong;\nmost often a 0 taken for a 9 (2)")


def test_what_evaluate_writes_can_be_drawn() -> None:
    labels = np.array([1, 2, 3], np.uint8)
    guesses = probabilities([1, 2, 2], [0.9, 0.8, 0.7])
    columns = calibration.reliability(labels, guesses, bins=15, interval=0.95)
    figures.reliability(table(RELIABILITY, *zip(*columns.values(), strict=True)))
    columns = calibration.coverage(labels, guesses)
    shown = figures.coverage(table(COVERAGE, *zip(*columns.values(), strict=True)))
    assert title(shown) == "The surest 90% of the digits are 66.67% right"


def test_every_count_of_the_confusion_matrix_is_shown_and_no_zero() -> None:
    texts = MAKERS["confusion"]().axes[0].texts
    found = {text.get_position()[::-1]: text.get_text() for text in texts}
    assert found == {cell: str(COUNTS[cell]) for cell in zip(*np.nonzero(COUNTS), strict=True)}


def test_the_users_style_changes_nothing(tmp_path: Path, run_python: Run) -> None:
    (tmp_path / "matplotlibrc").write_text("font.size: 30\naxes.facecolor: red\n")
    code = "from tests.test_figures import *; print(figures.svg(MAKERS['loss']()))"
    assert run_python("-c", code, cwd=tmp_path).stdout == figures.svg(MAKERS["loss"]()) + "\n"
    code = "import matplotlib; print(matplotlib.rcParams['font.size'])"
    assert run_python("-c", code, cwd=tmp_path).stdout == "30.0\n"  # it is read
