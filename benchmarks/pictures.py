"""Measures how well the classifier in data/model reads pictures of one's own.

    python -m benchmarks.pictures --sheet sheet.png

Digits that it did not learn from are rendered as pictures, found in them and read again. The sheet
shows some of the pictures, each beside the 28x28 that was seen of it.
"""

import argparse
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageOps
from scipy import ndimage

from stages.classifier import predict
from stages.dataset import SIDE, Labels, open_labels, open_split, read_images
from stages.errors import InputError, run
from stages.frame import Grey
from stages.ink import digit

Array = npt.NDArray[np.float64]

SPACING, RULE = 9, 0.25  # of the lines of ruled paper, and their width, in pixels of the 28x28
GAP = 2  # pixels of the 28x28, between it and a box
SHADE = 0.45  # of the light, that a shadow takes away
SHOWN, TILE, MARGIN = 6, 100, 200  # digits on the sheet; pixels of a picture, and of its name


class Look(NamedTuple):
    """How a digit comes into a picture."""

    paper: float = 0.9  # share of the light that it gives back
    ink: float = 0.15  # the same
    pen: float = 0  # the strokes' width, in pixels of the 28x28; 0: as it is
    gaps: bool = False  # in the strokes, as chalk leaves
    rules: float = 0  # share of the light that the lines of ruled paper take away
    box: float = 0  # the width of the line around the digit, in pixels of the 28x28; 0: none
    turn: float = 0  # degrees, at most, that the digit is turned by
    table: float | None = None  # share of the light that it gives back; None: paper is all around
    skew: float = 0  # degrees, at most, that the sheet lies askew by
    zoom: int = 8  # pixels to a pixel of the 28x28
    frame: float = 1.6  # the picture's height, in those of the 28x28
    uneven: float = 0  # share of the light that is lost from one side to the other
    shadow: float = 0  # the width of its edge, as a share of the picture; 0: none
    noise: float = 0  # levels of grey, standard deviation
    format: str = "PNG"  # or "JPEG"


PHOTO = Look(uneven=0.45, noise=6, format="JPEG")
CONDITIONS = {
    "drawn, black on white": Look(paper=1, ink=0),
    "drawn, white on black": Look(paper=0, ink=1),
    "thin pen": Look(pen=0.6, noise=3),
    "marker": Look(pen=4, noise=3),
    "scan with noise": Look(noise=12),
    "photo: uneven light, noise, JPEG": PHOTO,
    "photo, soft shadow": PHOTO._replace(shadow=0.3),
    "photo, hard shadow": PHOTO._replace(shadow=0.005),
    "photo, chalk on a board": PHOTO._replace(paper=0.2, ink=0.8, gaps=True),
    "photo, pen on ruled paper": PHOTO._replace(pen=1.2, rules=0.25),
    "photo, small in a large frame": PHOTO._replace(zoom=4, frame=7),
    "photo, turned by up to 10 degrees": PHOTO._replace(turn=10),
    "photo, paper on a dark table": PHOTO._replace(table=0.25, skew=8),
    "photo, paper on a table half as light": PHOTO._replace(table=0.45, skew=8),
    "photo, in a drawn box": PHOTO._replace(box=0.8, skew=8),
}


def render(image: Grey, look: Look, generator: np.random.Generator) -> Grey:
    """Makes a picture (h, w) of an image (28, 28): draws it, lights it, and saves it as a file."""
    reflected = sheet(strokes(image, look, generator), look, generator)
    if look.skew:
        reflected = askew(reflected, look, generator)
    picture = 255 * reflected * light(reflected.shape, look, generator)
    picture += generator.normal(0, look.noise, picture.shape)
    file = io.BytesIO()
    grey = np.rint(picture.clip(0, 255)).astype(np.uint8)
    Image.fromarray(grey).save(file, look.format, quality=60)
    return np.asarray(Image.open(file))


def strokes(image: Grey, look: Look, generator: np.random.Generator) -> Array:
    """Enlarges a digit, with clear edges; or draws along the middle of its strokes with a pen."""
    side, angle = SIDE * look.zoom, generator.uniform(-look.turn, look.turn)
    large = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
    turned = np.asarray(large.rotate(angle, Image.Resampling.BICUBIC), np.float64)
    mask = ndimage.gaussian_filter(turned, 0.3 * look.zoom) > 110
    if look.pen:
        inside = ndimage.distance_transform_edt(mask)  # its slope is 1 but along the middle
        slope = np.hypot(*np.gradient(ndimage.gaussian_filter(inside, 1.5)))
        middle = (slope < 0.7) & (inside > 0.2 * inside.max())
        mask = ndimage.distance_transform_edt(~middle) < look.pen * look.zoom / 2
    drawn = np.asarray(mask, np.float64)
    if look.box:
        drawn = np.pad(drawn, round(GAP * look.zoom))
        drawn = np.pad(drawn, round(look.box * look.zoom), constant_values=1)
    return drawn


def sheet(drawn: Array, look: Look, generator: np.random.Generator) -> Array:
    """Draws strokes somewhere on a sheet, ruled or not: the shares of light that it gives back."""
    shape = round(len(drawn) * look.frame), round(len(drawn) * look.frame * 4 / 3)
    top, left = (generator.integers(side - len(drawn) + 1) for side in shape)
    ink = np.zeros(shape)
    ink[top : top + len(drawn), left : left + len(drawn)] = drawn
    if look.gaps:
        grain = ndimage.gaussian_filter(generator.standard_normal(shape), 1.2)
        ink *= np.clip(0.7 + 0.3 * grain / grain.std(), 0, 1)
    y, x = np.indices(shape) / look.zoom
    slope, start = generator.uniform(-0.03, 0.03), generator.uniform(0, SPACING)
    rules = (y + slope * x + start) % SPACING < RULE
    paper = look.paper * (1 - look.rules * rules)
    return np.asarray(paper + (look.ink - paper) * ndimage.gaussian_filter(ink, 0.7))


def askew(sheet: Array, look: Look, generator: np.random.Generator) -> Array:
    """Turns a sheet, on a table or on more paper, which shows around it."""
    around = look.paper if look.table is None else look.table
    top, left = (round(side * generator.uniform(0.15, 0.4)) for side in sheet.shape)
    bottom, right = (round(side * generator.uniform(0.15, 0.4)) for side in sheet.shape)
    laid = np.pad(sheet, ((top, bottom), (left, right)), constant_values=around)
    angle = generator.uniform(-look.skew, look.skew)
    image = Image.fromarray(laid.astype(np.float32))
    turned = image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=around)
    return np.asarray(turned, np.float64)


def light(shape: tuple[int, ...], look: Look, generator: np.random.Generator) -> Array:
    """Gives the light on a sheet, from any side and with a shadow or not, 1 at the most."""
    y, x = (place / side - 0.5 for place, side in zip(np.indices(shape), shape, strict=True))
    angle = generator.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    values = 1 - look.uneven * (along + 0.5).clip(0, 1)
    if look.shadow:
        edge = (along - generator.uniform(-0.2, 0.2)) / look.shadow
        values *= 1 - SHADE * (edge + 0.5).clip(0, 1)
    return np.asarray(values)


def seen(picture: Grey) -> Grey:
    """Finds the digit, as `python -m stages.predict` does; all is 0 if the picture is refused."""
    try:
        return digit(picture)
    except InputError:
        return np.zeros((SIDE, SIDE), np.uint8)


def line(name: str, images: list[Grey], labels: Labels) -> str:
    """Asks the classifier; what was refused was not read right."""
    pixels = np.stack(images)[..., None]
    refused = ~pixels.any(axis=(1, 2, 3))
    probabilities = predict(Path("data/model"), np.divide(pixels, 255, dtype=np.float32))
    right = (probabilities.argmax(axis=1) == labels) & ~refused
    return f"| {name} | {right.mean():.1%} | {refused.sum()} |"


def strip(name: str, images: list[Grey]) -> npt.NDArray[np.uint8]:
    """Lays a condition's name and some images side by side."""
    laid = Image.new("L", (MARGIN + TILE * len(images), TILE), 128)
    ImageDraw.Draw(laid).text((4, TILE // 2), name, fill=255)
    for number, image in enumerate(images):
        tile = ImageOps.pad(Image.fromarray(image), (TILE - 2, TILE - 2), color=128)
        laid.paste(tile, (MARGIN + TILE * number, 1))
    return np.asarray(laid)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=300, help="how many digits (default: 300)")
    parser.add_argument("--sheet", type=Path, help="a PNG file to write")
    arguments = parser.parse_args()
    labels = open_labels(Path("data/prepared/train_labels.npy"))
    rows = open_split(Path("data/split"), len(labels))[1][: arguments.rows]
    values = read_images(Path("data/prepared/train_images.npy"), rows)[..., 0]
    digits = list(np.rint(values * 255).astype(np.uint8))
    print("| condition | read right | refused |\n|---|---|---|")
    print(line(f"{len(rows)} digits as they are", digits, labels[rows]), flush=True)
    strips = []
    for name, look in CONDITIONS.items():
        generator = np.random.default_rng(1)
        pictures = [render(image, look, generator) for image in digits]
        images = [seen(picture) for picture in pictures]
        print(line(name, images, labels[rows]), flush=True)
        pairs = list(zip(pictures, images, strict=True))[:SHOWN]
        strips.append(strip(name, [image for pair in pairs for image in pair]))
    if arguments.sheet:
        Image.fromarray(np.concatenate(strips)).save(arguments.sheet, "PNG")


if __name__ == "__main__":
    run(main)
