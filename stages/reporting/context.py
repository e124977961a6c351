"""What the templates of page and model card need, from the results and the parameters."""

import re
from collections.abc import Hashable, Mapping
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
from stages.reporting.confusion import find_leading_mistake, shade_mistakes
from stages.reporting.page import add_neighbours, inline_svg, list_images
from stages.reporting.results import Results
from stages.reporting.style import ZOOM
from stages.scoring.metrics import wilson_interval

EXPLAINED = 50  # mistakes whose neighbours are shown: each takes 2 KB of the page


def build_context(results: Results, charts: Mapping[str, str], params: Params) -> dict[str, Any]:
    """Returns all that the templates need; `charts` are SVG files by name."""
    train, test = (results.train_images, "train.csv"), (results.test_images, "test.csv")
    shown = slice(params.report.images_shown)
    counts = results.counts
    mistakes = results.mistakes[: params.report.mistakes_shown]
    listed = list_images(*train, mistakes)
    add_neighbours(listed[:EXPLAINED], results)
    unsure = results.test.sort_values("confidence", kind="stable")
    return {
        "params": params,
        "description": describe_model(params.train),
        "results": results,
        "names": CLASSES,
        "shape": SHAPE,
        "zoom": ZOOM,
        "scores": results.scores,
        "scale": place_on_scale(results.scores, params.report.reference),
        "classes": describe_classes(results, params.evaluate.interval),
        "counts": counts.tolist(),
        "shades": (100 * shade_mistakes(counts)).round(1).tolist(),
        "leading": find_leading_mistake(counts),
        "mistakes": listed,
        "listed": {*zip(mistakes["actual"], mistakes["predicted"], strict=True)},
        "figures": {name: inline_svg(svg, name) for name, svg in charts.items()},
        "curve": results.curve.to_dict("records"),
        "train_count": count_trained(results, params),
        "trained_on": describe_trained(params),
        "label_issues": list_images(*train, results.label_issues[shown]),
        "first": list_images(*test, results.test[shown]),
        "unsure": list_images(*test, unsure[shown]),
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


def describe_classes(results: Results, level: float) -> list[dict[Hashable, Any]]:
    """Lists the rows of metrics/classes.csv, each with the class's name and more.

    These are: how many validation and test images are predicted as the class (`predicted`,
    `submitted`); its share of the test images and of all labels (`test`, `labelled`); and the
    Wilson interval (`low`, `high`) of its recall at confidence level `level`.
    """
    counts = results.counts
    low, high = wilson_interval(counts.diagonal(), results.classes["rows"], level)
    submitted = np.bincount(results.test["predicted"], minlength=CLASS_COUNT)
    labelled = np.bincount(results.labels, minlength=CLASS_COUNT) / len(results.labels)
    table = results.classes.assign(name=CLASSES, low=low, high=high, labelled=labelled)
    table = table.assign(predicted=counts.sum(axis=0), submitted=submitted)
    return table.assign(test=submitted / submitted.sum()).to_dict("records")


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
    """Counts the rows that a classifier was trained on; with folds, the largest such number."""
    return params.train.rows or len(results.labels) - len(results.validation) // params.split.folds


def list_provenance(results: Results, params: Params) -> dict[str, dict[str, str]]:
    """Lists what reproduces the results: no time and no machine, so that the bytes are the same."""
    each = f"each of {params.split.folds} classifiers" if params.split.folds > 1 else ""
    rows = {
        "train.csv": len(results.labels),
        f"for training {each}".rstrip(): count_trained(results, params),
        "for validation": len(results.validation),
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
