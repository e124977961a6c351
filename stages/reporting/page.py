"""The page and the model card: images and figures as parts of them, and their templates."""

import base64
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from PIL import Image

from stages.formats.prepared import ImageRows
from stages.harness.outputs import new_file
from stages.reporting.results import Results
from stages.reporting.style import BLUE, FAINT, INK, ORANGE, to_colours
from stages.reporting.text import rounded_down

VARIABLES = {INK: "ink", FAINT: "faint", BLUE: "blue", ORANGE: "orange"}  # of colours.css
TEMPLATES = Path(__file__).with_name("templates")


def list_images(images: ImageRows, file: str, rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """Lists what the page shows of some rows of `file`: image, name, confidence and classes."""
    shown = rows.to_dict("records")
    for record, image in zip(shown, to_colours(images[rows["row"].to_numpy()]), strict=True):
        name = record.get("file", f"image {record['row'] + 1} of {file}")
        record |= {"image": _to_data_url(image), "name": name, "neighbours": []}
    return shown


def add_neighbours(mistakes: list[dict[Any, Any]], results: Results) -> None:
    """Adds to each mistake its nearest training images, side by side, and their classes."""
    by_row = results.neighbours.groupby("row")["neighbour"]
    for mistake in mistakes:
        if mistake["row"] in by_row.groups:
            rows = by_row.get_group(mistake["row"]).to_numpy()
            images = to_colours(results.train_images[rows])
            mistake["neighbours"] = results.names[rows].tolist()
            mistake["strip"] = _to_data_url(np.concatenate([*images], axis=1))


def _to_data_url(colours: np.ndarray) -> str:
    """Returns an image, in the form of `to_colours`, as PNG in a data URL."""
    file = io.BytesIO()
    Image.fromarray(colours).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def inline_svg(svg: str, name: str) -> str:
    """Turns an SVG file into a part of the page, in the page's colours, light or dark.

    Args:
        svg: the file, in the colours of `style`.
        name: the prefix of its ids, because an id may occur only once in a page.
    """
    svg = svg[svg.index("<svg") :]
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-", svg)


def write_page(path: Path, context: Mapping[str, Any]) -> None:
    """Renders the template of the same name; a name that is missing in `context` is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    environment.filters |= {"number": format, "rounded_down": rounded_down}
    html = environment.get_template(path.name).render(context)
    with new_file(path) as part:
        part.write_text(html, encoding="utf-8", newline="\n")
