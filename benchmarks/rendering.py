"""Renders digits as pictures of them: drawn with pens, lit, photographed."""

import io
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from tools.recognize.images import SIDE, Grey

Light = npt.NDArray[np.float64]  # (h, w), shares of the light, 0-1

SPACING, RULE = 9, 0.25  # pixels of the image: from line to line of ruled paper, width of a line
MARGIN = 2  # pixels of the image, between it and a box
SHADE = 0.45  # share of the light that a shadow takes away


class Look(NamedTuple):
    """How a digit looks in a picture; a pixel is one of the 28x28 image."""

    background: float = 0.9  # share of the light that it reflects
    stroke: float = 0.15  # the same for the strokes
    pen: float = 0  # pixels, width of the strokes; 0: as in the image
    gaps: bool = False  # in the strokes, as chalk leaves
    rules: float = 0  # share of the light that the lines of ruled paper take away
    box: float = 0  # pixels, width of the line around the digit; 0: none
    turn: float = 0  # degrees, the digit is turned by at most
    table: float | None = None  # the same for the table; None: the background goes on
    skew: float = 0  # degrees, the sheet is turned by at most
    zoom: int = 8  # the picture's pixels for one
    frame: float = 1.6  # the picture's height, in heights of the image
    uneven: float = 0  # share of the light that is lost from one side to the other
    shadow: float = 0  # width of its edge, as a share of the picture; 0: none
    noise: float = 0  # standard deviation, in levels of grey
    format: str = "PNG"  # or "JPEG"


PHOTO = Look(uneven=0.45, noise=6, format="JPEG")
CONDITIONS = {
    "drawn, black on white": Look(background=1, stroke=0),
    "drawn, white on black": Look(background=0, stroke=1),
    "thin pen": Look(pen=0.6, noise=3),
    "marker": Look(pen=4, noise=3),
    "scan with noise": Look(noise=12),
    "photo: uneven light, noise, JPEG": PHOTO,
    "photo, soft shadow": PHOTO._replace(shadow=0.3),
    "photo, hard shadow": PHOTO._replace(shadow=0.005),
    "photo, chalk on a board": PHOTO._replace(background=0.2, stroke=0.8, gaps=True),
    "photo, pen on ruled paper": PHOTO._replace(pen=1.2, rules=0.25),
    "photo, small in a large frame": PHOTO._replace(zoom=4, frame=7),
    "photo, turned by up to 10 degrees": PHOTO._replace(turn=10),
    "photo, paper on a dark table": PHOTO._replace(table=0.25, skew=8),
    "photo, paper on a table half as light": PHOTO._replace(table=0.45, skew=8),
    "photo, in a drawn box": PHOTO._replace(box=0.8, skew=8),
}


def render(image: Grey, look: Look, generator: np.random.Generator) -> Grey:
    """Renders an image (28, 28) as a picture (h, w): drawn, lit, and saved as a file."""
    sheet = write_on_sheet(draw_strokes(image, look, generator), look, generator)
    if look.skew:
        sheet = rotate_on_table(sheet, look, generator)
    picture = 255 * sheet * illuminate(sheet.shape, look, generator)
    picture += generator.normal(0, look.noise, picture.shape)
    file = io.BytesIO()
    grey = np.rint(picture.clip(0, 255)).astype(np.uint8)
    Image.fromarray(grey).save(file, look.format, quality=60)
    return np.asarray(Image.open(file))


def draw_strokes(image: Grey, look: Look, generator: np.random.Generator) -> Light:
    """Enlarges a digit with sharp edges, or draws the middle of its strokes with a pen: 0 or 1."""
    side, angle = SIDE * look.zoom, generator.uniform(-look.turn, look.turn)
    large = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
    turned = np.asarray(large.rotate(angle, Image.Resampling.BICUBIC), np.float64)
    mask = ndimage.gaussian_filter(turned, 0.3 * look.zoom) > 110
    if look.pen:
        inside = ndimage.distance_transform_edt(mask)  # its slope is 1 except in the middle
        slope = np.hypot(*np.gradient(ndimage.gaussian_filter(inside, 1.5)))
        middle = (slope < 0.7) & (inside > 0.2 * inside.max())
        mask = ndimage.distance_transform_edt(~middle) < look.pen * look.zoom / 2
    strokes = np.asarray(mask, np.float64)
    if look.box:
        strokes = np.pad(strokes, round(MARGIN * look.zoom))
        strokes = np.pad(strokes, round(look.box * look.zoom), constant_values=1)
    return strokes


def write_on_sheet(strokes: Light, look: Look, generator: np.random.Generator) -> Light:
    """Puts strokes somewhere on a sheet, ruled or not."""
    side = len(strokes)
    height, width = round(side * look.frame), round(side * look.frame * 4 / 3)
    top, left = (generator.integers(length - side + 1) for length in (height, width))
    drawn = np.zeros((height, width))
    drawn[top : top + side, left : left + side] = strokes
    if look.gaps:
        grain = ndimage.gaussian_filter(generator.standard_normal(drawn.shape), 1.2)
        drawn *= np.clip(0.7 + 0.3 * grain / grain.std(), 0, 1)
    y, x = np.indices(drawn.shape) / look.zoom
    slope, start = generator.uniform(-0.03, 0.03), generator.uniform(0, SPACING)
    rules = (y + slope * x + start) % SPACING < RULE
    sheet = look.background * (1 - look.rules * rules)
    return np.asarray(sheet + (look.stroke - sheet) * ndimage.gaussian_filter(drawn, 0.7))


def rotate_on_table(sheet: Light, look: Look, generator: np.random.Generator) -> Light:
    """Rotates a sheet on a table, or on more of the background."""
    around = look.background if look.table is None else look.table
    top, left = (round(side * generator.uniform(0.15, 0.4)) for side in sheet.shape)
    bottom, right = (round(side * generator.uniform(0.15, 0.4)) for side in sheet.shape)
    laid = np.pad(sheet, ((top, bottom), (left, right)), constant_values=around)
    angle = generator.uniform(-look.skew, look.skew)
    image = Image.fromarray(laid.astype(np.float32))
    turned = image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=around)
    return np.asarray(turned, np.float64)


def illuminate(shape: tuple[int, ...], look: Look, generator: np.random.Generator) -> Light:
    """Returns the light on a sheet (h, w), from any side and with a shadow or not."""
    y, x = (place / side - 0.5 for place, side in zip(np.indices(shape), shape, strict=True))
    angle = generator.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    light = 1 - look.uneven * (along + 0.5).clip(0, 1)
    if look.shadow:
        edge = (along - generator.uniform(-0.2, 0.2)) / look.shadow
        light *= 1 - SHADE * (edge + 0.5).clip(0, 1)
    return np.asarray(light)
