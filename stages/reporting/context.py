"""What the templates of page and model card need, from the results and the parameters."""

import re
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from stages import models
from stages.harness import paths
from stages.harness.outputs import list_files, read_lines, read_sums
from stages.harness.params import Params, list_used
from stages.harness.provenance import hash_files, list_versions
from stages.reporting.charts import MOST, describe_leading_mistake, shade_mistakes
from stages.reporting.page import add_neighbours, inline_svg, list_images
from stages.reporting.results import Results
from stages.reporting.style import choose_zoom
from stages.scoring.label_issues import LEAST_ACCURACY
from stages.scoring.metrics import wilson_interval

EXPLAINED = 50  # mistakes whose neighbours are shown: each takes 2 KB of the page


def build_context(results: Results, charts: Mapping[str, str], params: Params) -> dict[str, Any]:
    """Returns all that the templates need; `charts` are SVG files by name."""
    train, test = (results.train_images, "train.csv"), (results.test_images, "test.csv")
    shown = slice(params.report.images_shown)
    mistakes = list_images(*train, results.mistakes[: params.report.mistakes_shown])
    add_neighbours(mistakes[:EXPLAINED], results)
    unsure = results.test.sort_values("confidence", kind="stable")
    # With folds, this is the largest number of rows that a classifier was trained on.
    count = len(results.labels) - len(results.validation) // params.split.folds
    return {
        "params": params,
        "description": models.find(params.train.model).DESCRIPTION,
        "results": results,
        "doubtful": LEAST_ACCURACY,
        "most_classes": MOST,
        "has_digits": results.task.has_digits,
        "names": results.task.classes,
        "shape": results.task.shape,
        "zoom": choose_zoom(results.task.shape),
        "classes": describe_classes(results, params.evaluate.interval),
        "shades": (100 * shade_mistakes(results.counts)).round(1),
        "leading": describe_leading_mistake(results.counts, results.task),
        "mistakes": mistakes,
        "figures": {name: inline_svg(svg, name) for name, svg in charts.items()},
        "train_count": params.train.rows or count,
        "trained_on": describe_trained(params),
        "label_issues": list_images(*train, results.label_issues[shown]),
        "first": list_images(*test, results.test[shown]),
        "unsure": list_images(*test, unsure[shown]),
        "data_card": read_data_card(params.data.source),
        "data_warnings": read_lines(paths.DATA_WARNINGS),
        "provenance": list_provenance(params),
    }


def describe_classes(results: Results, level: float) -> list[dict[Hashable, Any]]:
    """Lists the rows of metrics/classes.csv, each with the class's name and more.

    These are: how many validation and test images are predicted as the class (`predicted`,
    `submitted`); its share of all labels (`labelled`); and the Wilson interval (`low`, `high`) of
    its recall at confidence level `level`.
    """
    counts, names = results.counts, results.task.classes
    low, high = wilson_interval(counts.diagonal(), results.classes["rows"], level)
    submitted = results.test["predicted"].value_counts().reindex(names, fill_value=0).to_numpy()
    labelled = np.bincount(results.labels, minlength=len(names)) / len(results.labels)
    table = results.classes.assign(name=names, low=low, high=high, labelled=labelled)
    table = table.assign(predicted=counts.sum(axis=0), submitted=submitted)
    return table.to_dict("records")


def read_data_card(source: str) -> str:
    """Returns the first table of a source's README.md, without links."""
    path = paths.SOURCES / source / "README.md"
    text = path.read_text("utf-8", errors="replace") if path.exists() else ""
    table = re.search(r"^\|.*(\n\|.*)*", text, re.M)
    if not table:
        return f"There is no table in `{path.as_posix()}`: origin and licence are unknown here."
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", table[0]).replace("<", "&lt;")  # no HTML


def describe_trained(params: Params) -> str:
    """Says what the training accuracy is of: a network's is its mean while the weights change."""
    # The curve of a committee is that of its first model.
    settings = params.section(params.train.model).model_dump()
    distorted = any(settings.get("augmentation", {}).values())
    last = ", during the last epoch" if "epochs" in settings else ""
    return "training images" + ", distorted" * distorted + last


def list_provenance(params: Params) -> dict[str, dict[str, str]]:
    """Lists what reproduces the results: no time and no machine, so that the bytes are the same."""
    model = list_files(paths.MODEL)
    return {
        "parameters": list_used(params.model_dump(mode="json")),
        "bytes": {file.as_posix(): f"{file.stat().st_size:,}" for file in model},
        "digests": read_sums(paths.PREPARED) | hash_files([*model, paths.SUBMISSION]),
        "packages": list_versions(),
    }
