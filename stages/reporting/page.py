"""The page and the model card: images and figures as parts of them, and their templates."""

import base64
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from PIL import Image

from stages.formats.prepared import Images, Labels
from stages.formats.task import CLASSES
from stages.harness.outputs import new_file
from stages.reporting.style import BLUE, FAINT, INK, ORANGE, to_colours
from stages.reporting.text import percent, rounded_down, thousands, with_article
from stages.scoring.tables import Table

VARIABLES = {INK: "ink", FAINT: "faint", BLUE: "blue", ORANGE: "orange"}  # of colours.css
TEMPLATES = Path(__file__).with_name("templates")


def list_images(images: Images, rows: Table, file: str) -> list[dict[str, Any]]:
    """Lists what the page shows of each row of `file`: image, name, confidence and classes."""
    columns = rows.dtype.names or ()
    classes = [name for name in ("actual", "label", "predicted") if name in columns]
    return [
        {name: CLASSES[row[name]] for name in classes}
        | {"row": row["row"], "confidence": row["confidence"], "neighbours": []}
        | {"image": _to_data_url(image), "name": f"image {row['row'] + 1} of {file}"}
        for image, row in zip(to_colours(images), rows, strict=True)
    ]


def add_neighbours(
    mistakes: list[dict[str, Any]], images: Images, rows: Table, labels: Labels
) -> None:
    """Adds to each mistake its nearest training images, side by side, and their classes.

    Args:
        images, rows, labels: of all neighbours; `rows` as in `tables.NEIGHBOURS`.
    """
    for mistake in mistakes:
        near = rows["row"] == mistake["row"]
        if near.any():
            mistake["neighbours"] = [CLASSES[label] for label in labels[near]]
            mistake["strip"] = _to_data_url(np.concatenate([*to_colours(images[near])], axis=1))


def _to_data_url(colours: np.ndarray) -> str:
    """Gives what `to_colours` gives for an image as PNG in a data URL."""
    file = io.BytesIO()
    Image.fromarray(np.rint(colours * 255).astype(np.uint8)).save(file, "PNG", optimize=True)
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
    filters = (percent, rounded_down, thousands, with_article)
    environment.filters |= {function.__name__: function for function in filters}
    html = environment.get_template(path.name).render(context)
    with new_file(path) as part:
        part.write_text(html, encoding="utf-8", newline="\n")
