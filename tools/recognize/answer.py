"""What was read in a picture: digits, how probable they are, and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from stages.classifiers.chunks import predict
from stages.classifiers.saved import read_manifest
from stages.formats.prepared import Probabilities, to_images
from stages.formats.task import DIGITS
from stages.harness.errors import InputError
from tools.recognize.candidates import Place
from tools.recognize.images import SIDE, Grey
from tools.recognize.pictures import Picture
from tools.recognize.reading import read_pictures


@dataclass(frozen=True)
class Box:
    """A box in pixels of the upright picture: (0, 0) is the corner at top left."""

    x: int  # of the left edge
    y: int  # of the upper edge
    width: int
    height: int


@dataclass(frozen=True)
class Digit(Box):
    """A digit, and its box."""

    digit: int  # 0-9, the most probable one
    probability: float  # of that one
    probabilities: tuple[float, ...]  # of 0, 1, ... 9
    image: Grey = field(repr=False, compare=False)  # (28, 28), as the classifier saw it


@dataclass(frozen=True)
class Answer:
    """What was read in a picture: rows of digits from the top, each from the left."""

    rows: tuple[tuple[Digit, ...], ...]
    skipped: tuple[Box, ...] = ()  # letters, signs and dirt, which were left out

    @property
    def digits(self) -> str:
        """The digits as a text, with a slash between rows: "12" or "0123/4567"."""
        return "/".join("".join(str(digit.digit) for digit in row) for row in self.rows)

    @property
    def probability(self) -> float:
        """The lowest of the digits' probabilities."""
        return min(digit.probability for row in self.rows for digit in row)


def check_task(model: Path) -> None:
    """Raises an InputError if the classifier in the folder `model` was not trained on digits."""
    if read_manifest(model).task != DIGITS:
        raise InputError(
            f"{model}: trained on other images than MNIST's digits, as which this tool frames what "
            "it finds: use python -m tools.classify"
        )


def answer_pictures(pictures: Sequence[Picture], model: Path) -> list[Answer | InputError]:
    """Reads pictures in one batch; raises an InputError as `chunks.predict` does."""
    answers: list[Answer | InputError] = []
    found = read_pictures([picture.pixels for picture in pictures], partial(predict, model))
    for (pixels, (width, height)), what in zip(pictures, found, strict=True):
        if isinstance(what, InputError):
            answers.append(what)
            continue
        scale = width / pixels.shape[1], height / pixels.shape[0]
        digits = [
            tuple(_to_digit(one.image, one.probabilities, one.place, scale) for one in row)
            for row in what.rows
        ]
        skipped = [Box(*_to_box(one.place, scale)) for one in what.skipped]
        answers.append(Answer(tuple(digits), tuple(skipped)))
    return answers


def answer_images(images: Sequence[Grey], model: Path) -> list[Answer]:
    """Classifies images (28, 28) that are framed as MNIST's; raises as `chunks.predict` does."""
    classified = zip(images, predict(model, to_images(np.stack(images))), strict=True)
    return [Answer(((_to_digit(image, row, (0, 0, SIDE, SIDE)),),)) for image, row in classified]


def _to_digit(
    image: Grey, probabilities: Probabilities, place: Place, scale: tuple[float, float] = (1, 1)
) -> Digit:
    best = int(probabilities.argmax())
    return Digit(
        *_to_box(place, scale),
        digit=best,
        probability=float(probabilities[best]),
        probabilities=tuple(probabilities.tolist()),
        image=image,
    )


def _to_box(place: Place, scale: tuple[float, float]) -> tuple[int, int, int, int]:
    left, top, width, height = place
    x, y = round(left * scale[0]), round(top * scale[1])
    return x, y, round((left + width) * scale[0]) - x, round((top + height) * scale[1]) - y
