"""A small report: the results it is made of, and its page as a test reads it."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from stages.formats.task import SHAPE
from stages.harness.params import Params, read_params
from stages.reporting import context
from stages.reporting.page import write_page
from stages.reporting.results import Results, Selection
from stages.reporting.style import in_style
from stages.scoring import tables
from tests.support.clone import ROOT
from tests.support.samples import table

COMMITTED = ROOT / "metrics" / "report.html"

CURVE = table(tables.LEARNING_CURVE, (1, 0.5, 0.4, 0.8, 0.85), (2, 0.2, 0.3, 0.95, 0.9))
ALL_CORRECT = table(tables.RELIABILITY, (0.9, 1, 1, 1, 0.99, 1, 300))
SHARES = table(tables.COVERAGE, *((i / 100, 1 - i / 2000) for i in range(1, 101)))
PROVENANCE = ("Parameters", "Saved classifier, bytes", "Files, SHA-256")
COUNTS = np.diag(range(10)) + np.eye(10, k=1, dtype=int)

# Five validation images, of which two are wrong, and three test images.
RESULTS = Results(
    scores=dict.fromkeys(tables.SCORES, 0.6),
    labels=np.array([1, 2, 3, 4, 5, 0, 0], np.uint8),
    curve=CURVE[:1],
    reliability=ALL_CORRECT,
    coverage=SHARES,
    neighbours=table(tables.NEIGHBOURS),
    suspects=table(tables.SUSPECTS, (3, 4, 0, 0.8)),
    validation=table(
        tables.VALIDATION_PREDICTIONS,
        *((0, 1, 1, 0.9), (1, 2, 0, 0.6), (2, 3, 3, 0.5), (3, 4, 0, 0.8), (4, 5, 5, 0.7)),
    ),
    test=table(tables.TEST_PREDICTIONS, (0, 1, 0.9), (1, 1, 0.8), (2, 7, 0.7)),
)


@in_style
def is_within_page(figure: Figure) -> bool:
    """Whether all that a figure shows lies within it."""
    figure.draw_without_rendering()
    shown, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    return bool(min(shown.x0, shown.y0) >= 0 and shown.x1 <= width and shown.y1 <= height)


class Page(HTMLParser):
    """All elements of a page, its text, and the cells of its tables by the heads of their rows."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: dict[str, list[str]] = {}
        self.text, self._open, self._head = "", "", ""
        self.feed(path.read_text(encoding="utf-8"))
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        if tag == "td":
            self.rows[self._head].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open == "th" and data.strip():
            self._head = data
            self.rows.setdefault(data, [])
        elif self._open in ("td", "button") and self.rows.get(self._head):
            self.rows[self._head][-1] += data.strip()

    def list_attributes(self, tag: str, name: str) -> list[str]:
        """Gives an attribute of all elements of one kind that have it."""
        return [str(each[name]) for kind, each in self.elements if kind == tag and name in each]


def make_page(folder: Path, *, listed: tables.Table | None = None, **changes: Any) -> Page:
    """Makes page and card of `RESULTS`, images and charts blank; lists all mistakes or `listed`.

    `changes` are to fields of `RESULTS` and to sections of params.yaml.
    """
    params = read_params(ROOT / "params.yaml").model_dump()
    sections = {name: params[name] | changes.pop(name) for name in {*params} & {*changes}}
    results = replace(RESULTS, **changes)
    mistakes = results.mistakes if listed is None else listed
    shown = [results.labels, results.validation, mistakes, results.neighbours, results.suspects]
    shown += 2 * [results.test]
    selection = Selection(*((np.zeros((len(each), *SHAPE), np.float32), each) for each in shown))
    files = dict.fromkeys(("loss", "accuracy", "reliability", "coverage"), "<svg></svg>")
    checked = Params.model_validate(params | sections)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "list_provenance", lambda *_: {name: {} for name in PROVENANCE})
        filled = context.build_context(results, selection, files, checked)
    for name in ("report.html", "model_card.md"):
        write_page(folder / name, filled)
    return Page(folder / "report.html")
