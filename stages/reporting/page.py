"""The page and the model card: what their templates need, from the results and the parameters."""

import base64
import io
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from PIL import Image

from stages import models
from stages.formats.prepared import ImageRows
from stages.harness import paths
from stages.harness.outputs import list_files, new_file, read_sums
from stages.harness.params import Params, list_used
from stages.harness.provenance import hash_files, list_versions
from stages.reporting.charts import describe_leading_mistake, shade_mistakes
from stages.reporting.results import Results
from stages.reporting.style import BLUE, FAINT, INK, MOST, ORANGE, choose_zoom, to_colours
from stages.reporting.text import rounded_down
from stages.scoring.confidence import LEAST_ACCURACY
from stages.scoring.metrics import wilson_interval

VARIABLES = {INK: "ink", FAINT: "faint", BLUE: "blue", ORANGE: "orange"}  # of colours.css
EXPLAINED = 50  # mistakes whose neighbours are shown: each takes 2 KB of the page


def build_context(results: Results, charts: Mapping[str, str], params: Params) -> dict[str, Any]:
    """Returns all that the templates need; `charts` are SVG files by name."""
    shown = slice(params.report.images_shown)
    mistakes = list_images(results.train_images, results.mistakes[: params.report.mistakes_shown])
    add_neighbours(mistakes[:EXPLAINED], results)
    warnings = paths.DATA_WARNINGS
    unsure = results.test.sort_values("confidence", kind="stable")
    return {
        "params": params,
        "description": models.find(params.train.model).DESCRIPTION,
        "results": results,
        "doubtful": LEAST_ACCURACY,
        "most_classes": MOST,
        "zoom": choose_zoom(results.task.shape),
        "classes": describe_classes(results, params.evaluate.interval),
        "shades": (100 * shade_mistakes(results.counts)).round(1),
        "leading": describe_leading_mistake(results.counts, results.task),
        "mistakes": mistakes,
        "figures": {name: inline_svg(svg, name) for name, svg in charts.items()},
        "label_issues": list_images(results.train_images, results.label_issues[shown]),
        "first": list_images(results.test_images, results.test[shown]),
        "unsure": list_images(results.test_images, unsure[shown]),
        "data_card": read_data_card(params.data.source),
        "data_warnings": warnings.read_text("utf-8").splitlines() if warnings.is_file() else [],
        "provenance": list_provenance(params),
    }


def list_images(images: ImageRows, rows: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Lists the rows of a table about some of the images, each with its image and no neighbours."""
    shown = rows.to_dict("records")
    for record, image in zip(shown, to_colours(images[rows["row"].to_numpy()]), strict=True):
        record |= {"image": _to_data_url(image), "neighbours": []}
    return shown


def add_neighbours(mistakes: list[dict[Hashable, Any]], results: Results) -> None:
    """Adds to each mistake its nearest training images, side by side, and their classes."""
    table, names = results.neighbours, results.task.classes
    for mistake in mistakes:
        rows = table["neighbour"][table["row"] == mistake["row"]].to_numpy()
        if len(rows):
            images = to_colours(results.train_images[rows])
            mistake["neighbours"] = [names[label] for label in results.labels[rows]]
            mistake["strip"] = _to_data_url(np.concatenate([*images], axis=1))


def _to_data_url(colours: np.ndarray) -> str:
    """Returns an image, in the form of `to_colours`, as PNG in a data URL."""
    file = io.BytesIO()
    Image.fromarray(colours).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def describe_classes(results: Results, level: float) -> list[dict[Hashable, Any]]:
    """Lists the rows of metrics/classes.csv, each with more about the class.

    This is: how many validation and test images are predicted as the class (`predicted`,
    `submitted`); its share of all labels (`labelled`); and the Wilson interval (`low`, `high`) of
    its recall at confidence level `level`.
    """
    counts, names = results.counts, results.task.classes
    low, high = wilson_interval(counts.diagonal(), results.classes["rows"], level)
    submitted = results.test["predicted"].value_counts().reindex(names, fill_value=0).to_numpy()
    labelled = np.bincount(results.labels, minlength=len(names)) / len(results.labels)
    table = results.classes.assign(low=low, high=high, labelled=labelled, submitted=submitted)
    return table.assign(predicted=counts.sum(axis=0)).to_dict("records")


def inline_svg(svg: str, name: str) -> str:
    """Turns an SVG file, in the colours of `style`, into a part of the page, in the page's colours.

    These are light or dark. `name` is the prefix of its ids, which occur only once in a page.
    """
    svg = svg[svg.index("<svg") :]
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-", svg)


def read_data_card(source: str) -> str:
    """Returns the first table of a source's README.md, without links."""
    path = paths.SOURCES / source / "README.md"
    text = path.read_text("utf-8", errors="replace") if path.exists() else ""
    table = re.search(r"^\|.*(\n\|.*)*", text, re.M)
    if not table:
        return f"There is no table in `{path.as_posix()}`: origin and licence are unknown here."
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", table[0]).replace("<", "&lt;")  # no HTML


def list_provenance(params: Params) -> dict[str, dict[str, str]]:
    """Lists what reproduces the results: no time and no machine, so that the bytes are the same."""
    model = list_files(paths.MODEL)
    return {
        "parameters": list_used(params.model_dump(mode="json")),
        "bytes": {file.as_posix(): f"{file.stat().st_size:,}" for file in model},
        "digests": read_sums(paths.PREPARED) | hash_files([*model, paths.SUBMISSION]),
        "packages": list_versions(),
    }


def write_page(path: Path, context: Mapping[str, Any]) -> None:
    """Renders the template of the same name; a name that is missing in `context` is an error."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    environment.filters |= {"number": format, "rounded_down": rounded_down}
    html = environment.get_template(path.name).render(context)
    with new_file(path) as part:
        part.write_text(html, encoding="utf-8", newline="\n")
