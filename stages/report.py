"""Draws what the other stages found, and makes a page of it that needs nothing but itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from stages import figures, galleries
from stages.dataset import CLASSES
from stages.errors import run
from stages.findings import Findings, Shown, choose, read_findings
from stages.origin import digests, versions
from stages.page import digits, inline, write_page
from stages.params import Params, read_params, used
from stages.scores import confusion_matrix, mistakes, most_frequent_mistake
from stages.tables import LEARNING_CURVE, Table

FIGURES, PAGE = Path("metrics/figures"), Path("metrics/report.html")
ARTICLE = 0.96614  # accuracy that the article reports, of the competition's data
COMPETITION = ("kaggle", "mnist")  # sources of the competition's images

Counts = npt.NDArray[np.int64]


def charts(found: Findings) -> dict[str, Figure]:
    """The charts of the page."""
    return {
        "loss": figures.loss(found.curve),
        "accuracy": figures.accuracy(found.curve),
        "reliability": figures.reliability(found.reliability),
        "coverage": figures.coverage(found.coverage),
    }


def pictures(found: Findings, shown: Shown, counts: Counts) -> Iterator[tuple[str, Figure]]:
    """What DVC and a README can show; the page has most of it in another form."""
    yield "confusion", figures.confusion(counts)
    yield "samples", galleries.samples(*shown.samples)
    yield "validation_digits", galleries.validation(*shown.interesting, counts=counts)
    confidence = float(found.test["confidence"].mean())
    yield "test_digits", galleries.test(*shown.first, mean_confidence=confidence)


def scale(scores: dict[str, float]) -> dict[str, float]:
    """Where accuracy, interval and article stand on a line that ends at 100%: in % of it."""
    start = np.floor(20 * min(scores["accuracy_low"], ARTICLE)) / 20
    points = {
        "low": scores["accuracy_low"],
        "accuracy": scores["accuracy"],
        "article": ARTICLE,
        "high": scores["accuracy_high"],
    }
    at = {name: round(float(100 * (x - start) / (1 - start)), 2) for name, x in points.items()}
    return {**at, "above": round(100 - at["high"], 2), "start": float(start)}


def confusion(counts: Counts, listed: Table) -> dict[str, Any]:
    """The confusion matrix, row by row; of each mistake, how many are `listed` on the page."""
    shown = confusion_matrix(listed["actual"], listed["predicted"])
    shades = (100 * figures.shades(counts)).round(1)
    cells = np.stack([counts, shown, shades], axis=-1).tolist()  # (10, 10, 3)
    recall = [
        float(hits / total) if total else None
        for hits, total in zip(counts.diagonal(), counts.sum(axis=1), strict=True)
    ]
    return {
        "confusion": list(zip(cells, recall, strict=True)),
        "worst": most_frequent_mistake(counts),
        "wrong": int(mistakes(counts).sum()),
    }


def classes(found: Findings) -> dict[str, Any]:
    """How often each digit is predicted for the test images, and stands in train.csv."""
    predicted = np.bincount(found.test["predicted"], minlength=CLASSES)
    labelled = np.bincount(found.labels, minlength=CLASSES) / len(found.labels)
    shares = predicted / len(found.test)
    rows = [
        {"predicted": int(count), "test": float(share), "labelled": float(label)}
        for count, share, label in zip(predicted, shares, labelled, strict=True)
    ]
    return {"classes": rows, "widest": float(max(shares.max(), labelled.max()))}


def origin(found: Findings, params: Params) -> dict[str, dict[str, Any]]:
    """What made the page: no time, no machine, so that it is the same wherever it is made."""
    source = Path("data") / params.data.source
    files = (source / "train.csv", source / "test.csv", Path("data/model"))
    rows = {
        "train.csv": len(found.labels),
        "... to learn from": len(found.labels) - len(found.validation),
        "... to be scored on": len(found.validation),
        "test.csv": len(found.test),
    }
    return {
        f"Rows of {source.as_posix()}": {name: f"{count:,}" for name, count in rows.items()},
        "Parameters": used(params.model_dump()),
        "Files, SHA-256": digests((*files, Path("data/submission.csv"))),
        "Packages": versions(),
    }


def context(
    found: Findings, shown: Shown, counts: Counts, drawn: dict[str, Figure], params: Params
) -> dict[str, Any]:
    """All that the template needs."""
    return {
        "model": params.train.model,
        "source": params.data.source,
        "competition": params.data.source in COMPETITION,
        "article": ARTICLE,
        "interval": params.evaluate.interval,
        "scores": found.scores,
        "scale": scale(found.scores),
        **confusion(counts, shown.mistakes[1]),
        "mistakes": digits(*shown.mistakes, "train.csv"),
        "charts": {name: inline(figures.svg(figure), name) for name, figure in drawn.items()},
        "curve": [dict(zip(LEARNING_CURVE, row, strict=True)) for row in found.curve.tolist()],
        "validation": len(found.validation),
        "validation_confidence": float(found.validation["confidence"].mean()),
        "test": len(found.test),
        "test_confidence": float(found.test["confidence"].mean()),
        **classes(found),
        "first": digits(*shown.first, "test.csv"),
        "unsure": digits(*shown.unsure, "test.csv"),
        "origin": origin(found, params),
    }


def main() -> None:
    params = read_params()
    found = read_findings()
    shown = choose(found, **params.report.model_dump())
    counts = confusion_matrix(found.validation["actual"], found.validation["predicted"])
    drawn = charts(found)
    for name, figure in (*drawn.items(), *pictures(found, shown, counts)):
        figures.save(figure, FIGURES / f"{name}.png")
    write_page(PAGE, context(found, shown, counts, drawn, params))
    print(f"{PAGE}: open it in a browser")


if __name__ == "__main__":
    run(main)
