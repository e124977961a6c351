"""Charts: what they say, that no text is cut off, and that their bytes depend on nothing else."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from stages.formats.task import DIGITS
from stages.harness.paths import LEARNING_CURVE, RELIABILITY
from stages.report import draw_charts
from stages.reporting import charts
from stages.reporting.page import inline_svg
from tests.support.clone import run_python
from tests.support.report import CURVE, RESULTS, is_within_page, table, with_results

COUNTS = np.diag(range(10)) + np.eye(10, k=1, dtype=int)
LEADS = "11 of 56 validation images are wrong;\nmost often a 0 is taken for a 9 (2)"
LEADING = COUNTS + np.eye(10, k=9, dtype=int) * 2
BINS = table(RELIABILITY, (0.5, 0.6, 0.55, 0.75, 0.5, 0.9, 20), (0.9, 1, 0.95, 0.96, 0.9, 0.99, 80))
LONG = table(LEARNING_CURVE, *((i, 1 / i, abs(i - 40) / 9 + 9, 1, 1) for i in range(1, 101)))

CASES: dict[str, Callable[[], Iterable[Figure]]] = {
    "typical": lambda: draw_charts(with_results(curve=CURVE, reliability=BINS)).values(),
    "one epoch, one bin": lambda: draw_charts(with_results()).values(),
    "overfitted": lambda: [charts.draw_loss(LONG)],
    "large numbers": lambda: [charts.draw_confusion(COUNTS * 9999, DIGITS)],
}


@pytest.mark.parametrize("name", CASES)
def test_a_figure_has_the_same_bytes_and_no_text_is_cut_off(name: str) -> None:
    for figure, again in zip(CASES[name](), CASES[name](), strict=True):
        assert charts.to_svg(figure) == charts.to_svg(again)
        assert is_within_page(figure)
        figure.axes[0].set_title("a long title " * 9)
        assert not is_within_page(figure)


@pytest.mark.parametrize(
    ("figure", "title"),
    [
        (charts.draw_loss(CURVE[::-1]), "Validation loss 0.4000 nats, lowest after epoch 2"),
        (charts.draw_accuracy(CURVE), "Validation accuracy 90.00%, training 95.00%"),
        (charts.draw_reliability(BINS), "On average 4.8 points less confident than accurate"),
        (charts.draw_coverage(RESULTS.coverage), "Accuracy 95.50% on the most confident 90%"),
        (charts.draw_confusion(COUNTS, DIGITS), "9 of 54 validation images are wrong"),
        (charts.draw_confusion(LEADING, DIGITS), LEADS),
    ],
)
def test_the_title_says_the_finding(figure: Figure, title: str) -> None:
    assert figure.axes[0].get_title(loc="left") == title


def test_the_confusion_matrix_shows_every_count_but_no_zero() -> None:
    texts = charts.draw_confusion(COUNTS, DIGITS).axes[0].texts
    shown = {text.get_position()[::-1]: text.get_text() for text in texts}
    assert shown == {cell: str(COUNTS[cell]) for cell in zip(*np.nonzero(COUNTS), strict=True)}


@pytest.mark.slow
def test_the_users_style_changes_no_colour(tmp_path: Path) -> None:
    """In a fresh process, which reads the user's style and leaves it as it is."""
    (tmp_path / "matplotlibrc").write_text("font.size: 30\ntext.color: red\ngrid.color: red\n")
    svg = charts.to_svg(charts.draw_reliability(BINS))
    code = """if True:
        from tests.reporting.test_charts import *
        from matplotlib import rcParams
        print(charts.to_svg(charts.draw_reliability(BINS)), rcParams["font.size"])"""
    assert run_python(code, cwd=tmp_path).stdout == f"{svg} 30.0\n"
    assert not re.search("#[0-9a-f]{6}", inline_svg(svg, "x"))  # the page has its own colours
