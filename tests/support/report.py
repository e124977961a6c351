"""A small report: the results it is made of, and its page and card."""

import json
import re
from copy import copy
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from stages.formats.task import DIGITS
from stages.harness import paths
from stages.harness.params import find_type, read_params
from stages.reporting import page
from stages.reporting.results import COLUMNS, Results
from stages.reporting.style import in_style
from stages.scoring.metrics import score_classes
from tests.support.clone import ROOT

COMMITTED = ROOT / "metrics" / "report.html"
PROVENANCE = ("parameters", "bytes", "digests", "packages")


def table(path: Path, *rows: tuple[Any, ...]) -> pd.DataFrame:
    """A table as `results.read_table` reads it from this path."""
    return pd.DataFrame(rows, columns=COLUMNS[path.name])


CURVE = table(paths.LEARNING_CURVE, (1, 0.5, 0.4, 0.8, 0.85), (2, 0.2, 0.3, 0.95, 0.9))
VALIDATION = [(0, "1", "1", 0.9), (1, "2", "0", 0.6), (2, "3", "3", 0.5), (3, "4", "0", 0.8)]
VALIDATION += [(4, "5", "5", 0.7)]

# Five validation images, of which two are wrong, and three test images.
RESULTS = object.__new__(Results)  # without reading files
vars(RESULTS).update(
    task=DIGITS,
    scores=dict.fromkeys(json.loads((ROOT / paths.SCORES).read_text()), 0.6),
    train_images=np.zeros((7, *DIGITS.shape), np.float32),
    labels=np.array([1, 2, 3, 4, 5, 0, 0], np.uint8),
    test_images=np.zeros((3, *DIGITS.shape), np.float32),
    curve=CURVE[:1],
    classes=table(paths.CLASSES_TABLE),
    reliability=table(paths.RELIABILITY, (0.9, 1, 1, 1, 0.99, 1, 300)),
    coverage=table(paths.COVERAGE, *((i / 100, 1 - i / 2000) for i in range(1, 101))),
    neighbours=table(paths.NEIGHBOURS),
    label_issues=table(paths.LABEL_ISSUES, (3, "4", "0", 0.8)),
    validation=table(paths.VALIDATION_PREDICTIONS, *VALIDATION),
    test=table(paths.TEST_PREDICTIONS, (0, "1", 0.9), (1, "1", 0.8), (2, "7", 0.7)),
)


def with_results(**changes: Any) -> Results:
    """`RESULTS` with other fields; the table of classes is that of the validation images."""
    results = copy(RESULTS)
    vars(results).update(changes)
    results.classes = score_classes(results.validation, results.task.classes)
    results.counts = results.classes.filter(like="as_").to_numpy()
    return results


@in_style
def is_within_page(figure: Figure) -> bool:
    figure.draw_without_rendering()
    shown, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    return bool(min(shown.x0, shown.y0) >= 0 and shown.x1 <= width and shown.y1 <= height)


def make_page(folder: Path, **changes: Any) -> tuple[str, str, str]:
    """Makes page and card of `RESULTS`, images and charts blank: HTML, its text, and the card.

    `changes` are to fields of `RESULTS` and to sections of params.yaml.
    """
    params = read_params(ROOT / "params.yaml").model_dump()
    params["data"]["source"] = "mnist_5k"
    sections = {name: params[name] | changes.pop(name) for name in {*params} & {*changes}}
    files = dict.fromkeys(("loss", "accuracy", "reliability", "coverage"), "<svg></svg>")
    checked = find_type().model_validate(params | sections)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "list_provenance", lambda *_: {name: {} for name in PROVENANCE})
        filled = page.build_context(with_results(**changes), files, checked)
    for name in ("report.html", "model_card.md"):
        page.write_page(folder / name, filled)
    html, card = ((folder / name).read_text("utf-8") for name in ("report.html", "model_card.md"))
    return html, read_text(html), card


def read_text(html: str) -> str:
    """What a reader sees of a page, in one line."""
    body = html[html.index("<body") :].partition("<script>")[0]
    return " ".join(unescape(re.sub("<[^>]*>", " ", body)).split())
