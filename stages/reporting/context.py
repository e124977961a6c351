"""What the templates of page and model card need, from the results and the parameters."""

import re
from collections.abc import Mapping
from itertools import dropwhile, takewhile
from typing import Any

import numpy as np

from stages import models
from stages.formats.arrays import read_sums
from stages.formats.task import CLASS_COUNT, CLASSES, SHAPE
from stages.harness import paths
from stages.harness.outputs import list_files
from stages.harness.params import Params, Reference, Train, list_used
from stages.harness.provenance import hash_files, list_versions
from stages.reporting.charts import shade_mistakes
from stages.reporting.page import add_neighbours, inline_svg, list_images
from stages.reporting.results import Results, Selection
from stages.reporting.style import ZOOM
from stages.scoring import metrics
from stages.scoring.metrics import Counts
from stages.scoring.tables import LEARNING_CURVE, Table


def build_context(
    results: Results, selection: Selection, charts: Mapping[str, str], params: Params
) -> dict[str, Any]:
    """Gives all that the templates need; `charts` are SVG files by name."""
    validation, test = results.validation, results.test
    counts = metrics.confusion_matrix(validation["actual"], validation["predicted"])
    mistakes = list_images(*selection.mistakes, "train.csv")
    labels = results.labels[selection.neighbours[1]["neighbour"]]
    add_neighbours(mistakes, *selection.neighbours, labels)
    return {
        "params": params,
        "description": describe_model(params.train),
        "names": CLASSES,
        "shape": SHAPE,
        "zoom": ZOOM,
        "scores": results.scores,
        "scale": place_on_scale(results.scores, params.report.reference),
        "confusion": tabulate_confusion(
            counts, selection.mistakes[1], level=params.evaluate.interval
        ),
        "leading": metrics.find_leading_mistake(counts),
        "wrong": int(metrics.count_mistakes(counts).sum()),
        "mistakes": mistakes,
        "figures": {name: inline_svg(svg, name) for name, svg in charts.items()},
        "curve": [dict(zip(LEARNING_CURVE, row, strict=True)) for row in results.curve.tolist()],
        "train_count": count_trained(results, params),
        "trained_on": describe_trained(params),
        "validation_count": len(validation),
        "validation_confidence": float(validation["confidence"].mean()),
        "test_count": len(test),
        "test_confidence": float(test["confidence"].mean()),
        "classes": count_classes(results),
        "suspects": list_images(*selection.suspects, "train.csv"),
        "suspect_count": len(results.suspects),
        "first": list_images(*selection.first, "test.csv"),
        "unsure": list_images(*selection.unsure, "test.csv"),
        "data_card": read_data_card(params.data.source),
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


def tabulate_confusion(counts: Counts, listed: Table, *, level: float) -> list[dict[str, Any]]:
    """Gives the rows of the confusion matrix, each with the class's name and scores.

    Each cell has its count, how many of its mistakes the page lists, and its shade in percent.
    The scores are recall, its Wilson interval at confidence level `level`, and precision; they
    are None if no image counts.
    """
    listed_counts = metrics.confusion_matrix(listed["actual"], listed["predicted"])
    columns = (counts, listed_counts, (100 * shade_mistakes(counts)).round(1))
    rows = []
    for label, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        names = ("count", "listed", "shade")
        cells = [dict(zip(names, cell, strict=True)) for cell in zip(*row, strict=True)]
        hits, total, predicted = row[0][label], sum(row[0]), int(counts[:, label].sum())
        recall, precision = hits / total if total else None, hits / predicted if predicted else None
        interval = metrics.wilson_interval(hits, total, level) if total else None
        row_scores = {"recall": recall, "interval": interval, "precision": precision}
        rows.append({"name": CLASSES[label], "cells": cells, "total": total, **row_scores})
    return rows


def count_classes(results: Results) -> list[dict[str, Any]]:
    """Gives each class's number of predictions, and its share of them and of all labels."""
    predicted = np.bincount(results.test["predicted"], minlength=CLASS_COUNT)
    labelled = np.bincount(results.labels, minlength=CLASS_COUNT) / len(results.labels)
    columns = (values.tolist() for values in (predicted, predicted / len(results.test), labelled))
    names = ("name", "predicted", "test", "labelled")
    return [dict(zip(names, row, strict=True)) for row in zip(CLASSES, *columns, strict=True)]


def read_data_card(source: str) -> list[str]:
    """Reads the lines of the first table of a source's README.md, without links.

    If there is none, the only line says so.
    """
    path = paths.SOURCES / source / "README.md"
    lines = path.read_text("utf-8", errors="replace").splitlines() if path.exists() else []
    table = takewhile(lambda line: line[:1] == "|", dropwhile(lambda line: line[:1] != "|", lines))
    fault = "has no table" if path.exists() else "is missing"
    missing = [f"`{path.as_posix()}` {fault}: origin and licence are unknown here."]
    return [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line) for line in table] or missing


def describe_model(train: Train) -> str:
    """Returns what the classifier is, in a clause."""
    if len(train.models) > 1:
        return f"the mean of {' and '.join(train.models)}"
    return models.find(train.model).DESCRIPTION


def describe_trained(params: Params) -> str:
    """Says what the training accuracy is of: a network's is its mean while the weights change."""
    # The curve of a committee is that of its first model.
    settings = params.section(params.train.model).model_dump()
    distorted = any(settings.get("augmentation", {}).values())
    if "epochs" not in settings:
        return "training images"
    return "training images, " + "distorted, " * distorted + "during the last epoch"


def count_trained(results: Results, params: Params) -> int:
    """Counts the rows that the classifier, or at most that of a fold, was trained on."""
    return params.train.rows or len(results.labels) - len(results.validation) // params.split.folds


def list_provenance(results: Results, params: Params) -> dict[str, dict[str, str]]:
    """Lists what the page is made from: no time and no machine, so that its bytes are the same."""
    each = f"each of {params.split.folds} " if params.split.folds > 1 else ""
    rows = {
        "train.csv": len(results.labels),
        f"... to train {each}on": count_trained(results, params),
        "... to validate on": len(results.validation),
        "test.csv": len(results.test),
    }
    sums = read_sums(paths.PREPARED)
    return {
        "Rows": {name: f"{count:,}" for name, count in rows.items()},
        "Parameters": list_used(params.model_dump()),
        "Saved classifier, bytes": {
            file.as_posix(): f"{file.stat().st_size:,}" for file in list_files(paths.MODEL)
        },
        "Files, SHA-256": sums | hash_files([paths.MODEL, paths.SUBMISSION]),
        "Packages": list_versions(),
    }
