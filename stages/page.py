"""The page: what its template needs beside numbers, and rendering it."""

import base64
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib import rcParams
from matplotlib.colors import to_hex
from PIL import Image

from stages.dataset import Images
from stages.figures import spoken
from stages.outputs import new_file
from stages.scores import rounded_down
from stages.tables import Table

# The page's own, each in the place of one of the figures' style.
COLOURS = {
    "ink": rcParams["text.color"],
    "faint": rcParams["grid.color"],
    "blue": "C0",
    "orange": "C1",
}
TEMPLATES = Path(__file__).with_name("templates")


def percent(share: float, digits: int = 1) -> str:
    return f"{share:.{digits}%}"


def thousands(count: int) -> str:
    return f"{count:,}"


def digits(images: Images, rows: Table, file: str) -> list[dict[str, Any]]:
    """What the page shows of each row: its picture, name, and the table's other columns."""
    return [
        {name: row[name].item() for name in rows.dtype.names or ()}
        | {"image": _png(image), "name": f"image {row['row'] + 1} of {file}"}
        for image, row in zip(images, rows, strict=True)
    ]


def _png(image: np.ndarray) -> str:
    """An image (28, 28, 1) as a data URL: dark ink on white paper."""
    grey = 255 - np.rint(image[:, :, 0] * 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def inline(svg: str, name: str) -> str:
    """Makes of an SVG file a part of the page, in the page's colours, light or dark.

    Args:
        svg: the file, in the colours of `figures.mplstyle`.
        name: is put before each of its names, of which a page may hold one only.
    """
    svg = svg[svg.index("<svg") :]
    for variable, colour in COLOURS.items():
        svg = svg.replace(to_hex(colour), f"var(--{variable})")
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-", svg)


def write_page(path: Path, context: Mapping[str, Any]) -> None:
    """Fills `templates/report.html`; a name that `context` lacks is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        "spoken": spoken,
        "rounded_down": rounded_down,
        "thousands": thousands,
    }
    text = environment.get_template("report.html").render(context)
    with new_file(path) as part:
        part.write_text(text, encoding="utf-8")
