"""The page: the trained network, the constants that frame a drawing, and the templates."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import stages.reporting
import tools.draw
from stages.classifiers.chunks import predict
from stages.classifiers.network import FLATBUFFER, LiteNetwork
from stages.classifiers.saved import list_folds, load, read_manifest
from stages.formats.prepared import StoredImages, read_labels
from stages.formats.task import DIGITS
from stages.harness import paths
from stages.harness.errors import InputError
from stages.harness.outputs import new_file
from stages.reporting.results import read_validation
from tools.draw.graph import read_graph
from tools.recognize import finding, images, ink, strokes
from tools.recognize.answer import check_task

# The page has the colours of the report.
TEMPLATES = [Path(module.__path__[0], "templates") for module in (tools.draw, stages.reporting)]
FRAME = {
    "side": images.SIDE,
    "picture": images.SEARCH_SIZE,  # tools.recognize does not resize a drawing of this size
    "digit": strokes.DIGIT_SIZE,
    "blur": ink.BLUR,
    "contrast": ink.MIN_CONTRAST,
    "rounds": ink.ROUNDS,
    "smallest": finding.SMALLEST,
    "speck": finding.SPECK,
    "gap": finding.GAP,
    "around": strokes.AROUND,
    "drawing": strokes.DRAWING_SIZE,
    "solid": strokes.SOLID,
    "thinnest": strokes.THINNEST,
    "thickest": strokes.THICKEST,
}
# The drawing that the page opens with: lines through points from 0 to 1.
EXAMPLE = [[(0.3, 0.35), (0.38, 0.25), (0.5, 0.21), (0.62, 0.27), (0.65, 0.38), (0.55, 0.55),
            (0.3, 0.79), (0.7, 0.79)]]  # fmt: skip
PROBE = np.random.default_rng(0).random((3, *DIGITS.shape), np.float32)  # images to try
MAX_MISTAKES = 300  # each takes a kilobyte of the page


def read_mistakes() -> dict[str, Any] | None:
    """Returns the validation images that the classifier got wrong; None before they are scored.

    Their pixels are base64 of bytes from 0 to 255.
    """
    if not (paths.VALIDATION_PREDICTIONS.exists() and paths.TRAIN_IMAGES.exists()):
        return None
    scored = read_validation(read_labels(paths.TRAIN_LABELS), DIGITS)
    wrong = scored[scored["actual"] != scored["predicted"]][:MAX_MISTAKES]
    images = StoredImages(paths.TRAIN_IMAGES)[wrong["row"].to_numpy()]
    pixels = np.rint(255 * images).astype(np.uint8)
    return {
        "pixels": base64.b64encode(pixels.tobytes()).decode(),
        "actual": wrong["actual"].tolist(),
        "predicted": wrong["predicted"].tolist(),
    }


def write_page(path: Path) -> None:
    """Writes a page that needs no other file, with the classifier in `data/model`.

    It raises an InputError as `check_task`, `read_validation`, `chunks.predict` and `read_graph`
    do, or if this is no network.
    """
    check_task(paths.MODEL)
    folders = list_folds(paths.MODEL)
    name = read_manifest(paths.MODEL).model
    if name == "committee":  # the page has one of its networks alone
        parts = [path.parent.name for path in sorted(folders[0].glob(f"*/{FLATBUFFER}"))]
        others = [part for part in read_manifest(folders[0]).parts if part not in parts[:1]]
        without = f"{parts[0]} of the committee; {', '.join(others)} cannot run in a page"
        name = without if parts else name
        folders = [folder / parts[0] for folder in folders] if parts else folders
    if not all(isinstance(load(folder), LiteNetwork) for folder in folders):
        raise InputError(
            f"{paths.MODEL}: the classifier is no network, and only networks run in the page: set "
            "train.model in params.yaml to mlp or cnn, and run dvc repro"
        )
    for folder in folders:
        predict(folder, PROBE)  # which refuses a network that returns no probabilities
    networks = [read_graph(folder / FLATBUFFER) for folder in folders]
    context = {
        "name": name,
        "classes": DIGITS.classes,
        "model": {"networks": networks, "frame": FRAME, "example": EXAMPLE},
        "mistakes": read_mistakes(),
    }
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    with new_file(path) as part:
        html = environment.get_template("draw.html").render(context)
        part.write_text(html, encoding="utf-8", newline="\n")
