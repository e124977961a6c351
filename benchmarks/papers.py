"""Composes pictures of several digits, in rows on paper of several kinds."""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from benchmarks.rendering import Light, Look, draw_strokes, lay_askew, spread_light
from stages.formats.task import SIDE
from tools.recognize.images import Grey

Digits = list[tuple[Grey, int]]  # images (28, 28), and their labels

ZOOM = 3  # pixels of the picture for one of the image: a digit is some 60 high
PITCH = 22  # pixels of the image: from a digit's middle to the next, 20 is the height of a digit
LINE = 32  # the same from row to row
RULE = 0.4  # pixels of the image: the width of a line of ruled paper


class Paper(NamedTuple):
    """How digits are written, and on what; lengths in pixels of a 28x28 image."""

    look: Look = Look(background=0.95, zoom=ZOOM)
    rows: int = 2
    columns: int = 5
    slope: float = 0  # of the rows, at most: down for one to the right
    touching: float = 0  # share of the digits that touch the one before
    broken: int = 0  # cuts through each digit
    dirt: int = 0  # specks on the sheet
    ruled: float = 0  # from line to line; 0: no lines
    squared: bool = False  # lines across too
    margin: bool = False  # a line from top to bottom on the left
    lines: float = 0.25  # share of the light that lines take away


PLAIN = Paper()
PHOTO = PLAIN.look._replace(uneven=0.4, noise=5, format="JPEG")
PAPERS = {
    "two digits": PLAIN._replace(rows=1, columns=2),
    "a number of 6 digits": PLAIN._replace(rows=1, columns=6),
    "2 rows of 5": PLAIN,
    "4 rows of 8": PLAIN._replace(rows=4, columns=8),
    "thin pen": PLAIN._replace(look=PLAIN.look._replace(pen=0.8)),
    "sloping rows": PLAIN._replace(slope=0.12),
    "a third of the digits touch": PLAIN._replace(touching=0.33),
    "broken strokes": PLAIN._replace(broken=1),
    "dirt": PLAIN._replace(dirt=40),
    "noise": PLAIN._replace(look=PLAIN.look._replace(noise=12)),
    "grey paper": PLAIN._replace(look=PLAIN.look._replace(background=0.55)),
    "photo": PLAIN._replace(look=PHOTO),
    "photo, ruled paper": PLAIN._replace(look=PHOTO, ruled=16, margin=True),
    "photo, strong lines": PLAIN._replace(look=PHOTO, ruled=LINE, lines=0.6),
    "photo, squared paper": PLAIN._replace(look=PHOTO, ruled=8, squared=True),
    "photo, on a table": PLAIN._replace(look=PHOTO._replace(table=0.3, skew=6)),
}


def compose(digits: Digits, paper: Paper, generator: np.random.Generator) -> tuple[Grey, str]:
    """Composes a picture of rows of digits, and says what is written in it: "0123/4567"."""
    strokes = np.zeros((LINE * (paper.rows + 1) * ZOOM, PITCH * (paper.columns + 3) * ZOOM))
    slope = generator.uniform(-paper.slope, paper.slope)
    strokes = np.pad(strokes, ((round(abs(slope) * strokes.shape[1]),) * 2, (0, 0)))
    for number, (image, _) in enumerate(digits):
        row, column = divmod(number, paper.columns)
        drawn = _draw(image, paper, generator)
        x = round((PITCH * (column + 1.5) + generator.uniform(-2, 2)) * ZOOM)
        middle = LINE * (row + 0.5) * ZOOM + slope * (x - strokes.shape[1] / 2)
        y = round(middle + generator.uniform(-2, 2) * ZOOM + abs(slope) * strokes.shape[1])
        if column and generator.random() < paper.touching:
            x = _push_left(strokes, drawn, y, x)
        place = strokes[y : y + len(drawn), x : x + drawn.shape[1]]
        np.maximum(place, drawn, out=place)
    labels = [str(label) for _, label in digits]
    rows = ["".join(labels[start : start + paper.columns]) for start in
            range(0, len(labels), paper.columns)]  # fmt: skip
    return _photograph(_lay_on_paper(strokes, paper, generator), paper.look, generator), "/".join(
        rows
    )


def _draw(image: Grey, paper: Paper, generator: np.random.Generator) -> Light:
    """Draws a digit, larger or smaller by a tenth, without its margin and perhaps broken."""
    look = paper.look._replace(zoom=ZOOM)
    strokes = draw_strokes(image, look, generator)
    for _ in range(paper.broken):
        angle, middle = generator.uniform(0, np.pi), generator.uniform(0.35, 0.65, 2) * SIDE * ZOOM
        y, x = np.indices(strokes.shape)
        across = (y - middle[0]) * np.cos(angle) + (x - middle[1]) * np.sin(angle)
        strokes = np.where(np.abs(across) < 0.5 * ZOOM, 0, strokes)
    scaled = ndimage.zoom(strokes, generator.uniform(0.9, 1.1), order=1)
    columns = np.flatnonzero(scaled.any(axis=0))
    return np.asarray(scaled[:, columns[0] : columns[-1] + 1])


def _push_left(strokes: Light, drawn: Light, y: int, x: int) -> int:
    """Gives the column in which a digit just touches what is on its left."""
    for column in range(x, max(0, x - PITCH * ZOOM), -1):
        if (strokes[y : y + len(drawn), column : column + drawn.shape[1]] * drawn).sum() > ZOOM**2:
            return column
    return x


def _lay_on_paper(strokes: Light, paper: Paper, generator: np.random.Generator) -> Light:
    """Puts strokes and dirt on paper with its lines: shares of the light (h, w)."""
    height, width = strokes.shape
    for _ in range(paper.dirt):
        top, left = generator.integers(height - 9), generator.integers(width - 9)
        strokes[top : top + generator.integers(2, 7), left : left + generator.integers(2, 7)] = 1
    sheet = np.full(strokes.shape, paper.look.background)
    if paper.ruled:
        y, x = np.indices(strokes.shape) / ZOOM
        slope, start = generator.uniform(-0.02, 0.02), generator.uniform(0, paper.ruled)
        lines = (y + slope * x + start) % paper.ruled < RULE
        if paper.squared:
            lines |= (x - slope * y + start) % paper.ruled < RULE
        if paper.margin:
            lines |= np.abs(x - slope * y - PITCH) < RULE / 2
        sheet *= 1 - paper.lines * lines
    return np.asarray(sheet + (paper.look.stroke - sheet) * ndimage.gaussian_filter(strokes, 0.7))


def _photograph(sheet: Light, look: Look, generator: np.random.Generator) -> Grey:
    """Lights a sheet and saves it as a file: uint8 (h, w)."""
    if look.skew:
        sheet = lay_askew(sheet, look, generator)
    picture = 255 * sheet * spread_light(sheet.shape, look, generator)
    picture += generator.normal(0, look.noise, picture.shape)
    file = io.BytesIO()
    Image.fromarray(np.rint(picture.clip(0, 255)).astype(np.uint8)).save(
        file, look.format, quality=60
    )
    return np.asarray(Image.open(file))
