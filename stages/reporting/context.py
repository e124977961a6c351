"""What the page's template needs, from the results and the parameters."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from stages.formats.arrays import read_sums
from stages.formats.task import CLASS_COUNT
from stages.harness import paths
from stages.harness.params import Params, Reference, list_used
from stages.harness.provenance import hash_files, list_versions
from stages.reporting.charts import shade_mistakes, to_svg
from stages.reporting.page import inline_svg, list_digits
from stages.reporting.results import Results, Selection
from stages.scoring.metrics import Counts, confusion_matrix, count_mistakes, find_leading_mistake
from stages.scoring.tables import LEARNING_CURVE, Table


def build_context(
    results: Results, selection: Selection, figures: Mapping[str, Figure], params: Params
) -> dict[str, Any]:
    """Gives all that `templates/report.html` needs; `figures` become SVG within the page."""
    validation, test = results.validation, results.test
    counts = confusion_matrix(validation["actual"], validation["predicted"])
    return {
        "params": params,
        "scores": results.scores,
        "scale": place_on_scale(results.scores, params.report.reference),
        "confusion": tabulate_confusion(counts, selection.mistakes[1]),
        "leading": find_leading_mistake(counts),
        "wrong": int(count_mistakes(counts).sum()),
        "mistakes": list_digits(*selection.mistakes, "train.csv"),
        "figures": {name: inline_svg(to_svg(figure), name) for name, figure in figures.items()},
        "curve": [dict(zip(LEARNING_CURVE, row, strict=True)) for row in results.curve.tolist()],
        "validation_count": len(validation),
        "validation_confidence": float(validation["confidence"].mean()),
        "test_count": len(test),
        "test_confidence": float(test["confidence"].mean()),
        "classes": count_classes(results),
        "first": list_digits(*selection.first, "test.csv"),
        "unsure": list_digits(*selection.unsure, "test.csv"),
        "provenance": list_provenance(results, params),
    }


def place_on_scale(scores: Mapping[str, float], reference: Reference | None) -> dict[str, float]:
    """Places accuracy, interval and reference on a line that ends at 100%.

    Returns:
        `start`, the accuracy where the line begins, in [0, 0.95]; and each position in percent of
        the line: `low`, `accuracy`, `high` and, with a reference, `reference`.
    """
    points = {name: scores[f"accuracy_{name}"] for name in ("low", "high")}
    points |= {"accuracy": scores["accuracy"]}
    points |= {"reference": reference.accuracy} if reference else {}
    start = min(float(np.floor(20 * min(points.values())) / 20), 0.95)
    return {"start": start} | {
        name: round(100 * (value - start) / (1 - start), 2) for name, value in points.items()
    }


def tabulate_confusion(counts: Counts, listed: Table) -> list[dict[str, Any]]:
    """Gives the rows of the confusion matrix, each with its recall: None if it has no digit.

    Each cell has its count, how many of its mistakes the page lists, and its shade in percent.
    """
    listed_counts = confusion_matrix(listed["actual"], listed["predicted"])
    columns = (counts, listed_counts, (100 * shade_mistakes(counts)).round(1))
    rows = []
    for digit, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        names = ("count", "listed", "shade")
        cells = [dict(zip(names, cell, strict=True)) for cell in zip(*row, strict=True)]
        total = sum(row[0])
        rows.append({"cells": cells, "recall": row[0][digit] / total if total else None})
    return rows


def count_classes(results: Results) -> list[dict[str, float]]:
    """Gives each digit's number of predictions, and its share of them and of all labels."""
    predicted = np.bincount(results.test["predicted"], minlength=CLASS_COUNT)
    labelled = np.bincount(results.labels, minlength=CLASS_COUNT) / len(results.labels)
    columns = (predicted, predicted / len(results.test), labelled)
    rows = zip(*(values.tolist() for values in columns), strict=True)
    return [dict(zip(("predicted", "test", "labelled"), row, strict=True)) for row in rows]


def list_provenance(results: Results, params: Params) -> dict[str, dict[str, str]]:
    """Lists what the page is made from: no time and no machine, so that its bytes are the same."""
    rows = {
        "train.csv": len(results.labels),
        "... to train on": len(results.labels) - len(results.validation),
        "... to validate on": len(results.validation),
        "test.csv": len(results.test),
    }
    sums = read_sums(paths.PREPARED, stage="preprocess")
    return {
        "Rows": {name: f"{count:,}" for name, count in rows.items()},
        "Parameters": list_used(params.model_dump()),
        "Files, SHA-256": sums | hash_files([paths.SUBMISSION]),
        "Packages": list_versions(),
    }
