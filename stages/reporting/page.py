"""The page: images and figures as parts of it, and rendering its template."""

import base64
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from stages.formats.prepared import Images
from stages.harness.outputs import new_file
from stages.reporting.style import BLUE, FAINT, INK, ORANGE
from stages.reporting.text import percent, rounded_down, thousands, with_article
from stages.scoring.tables import Table

VARIABLES = {INK: "ink", FAINT: "faint", BLUE: "blue", ORANGE: "orange"}  # of report.css
TEMPLATES = Path(__file__).with_name("templates")


def list_digits(images: Images, rows: Table, file: str) -> list[dict[str, Any]]:
    """Lists what the page shows of each row of `file`: its image, its name, the table's columns."""
    return [
        {name: row[name].item() for name in rows.dtype.names or ()}
        | {"image": _to_data_url(image), "name": f"image {row['row'] + 1} of {file}"}
        for image, row in zip(images, rows, strict=True)
    ]


def _to_data_url(image: np.ndarray) -> str:
    """Gives an image (28, 28, 1) as PNG in a data URL: dark ink on white paper."""
    grey = 255 - np.rint(image[:, :, 0] * 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, format="PNG", optimize=True)
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
    """Renders `templates/report.html`; a name that is missing in `context` is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    filters = (percent, rounded_down, thousands, with_article)
    environment.filters |= {function.__name__: function for function in filters}
    html = environment.get_template("report.html").render(context)
    with new_file(path) as part:
        part.write_text(html, encoding="utf-8", newline="\n")
