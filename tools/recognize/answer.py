"""What was read in a picture: digits, how probable they are, and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from stages.classifiers.chunks import predict
from stages.formats.prepared import Probabilities, to_images
from stages.formats.task import CLASSES, SHAPE, SIDE
from stages.harness.errors import InputError
from tools.recognize.images import Grey
from tools.recognize.reading import Found, read_pictures

Size = tuple[int, int]  # width and height, in pixels


@dataclass(frozen=True)
class Digit:
    """A digit, and its box in pixels of the upright picture: (0, 0) is the corner at top left."""

    digit: int  # 0-9, the most probable one
    probability: float  # of that one
    probabilities: tuple[float, ...]  # of 0, 1, ... 9
    x: int  # of the box's left edge
    y: int  # of its upper edge
    width: int
    height: int
    image: Grey = field(repr=False, compare=False)  # (28, 28), as the classifier saw it


@dataclass(frozen=True)
class Answer:
    """What was read in a picture: rows of digits from the top, each from the left."""

    rows: tuple[tuple[Digit, ...], ...]

    @property
    def digits(self) -> str:
        """Gives the digits as a text, with a stroke between rows: "12" or "0123/4567"."""
        return "/".join("".join(str(digit.digit) for digit in row) for row in self.rows)

    @property
    def probability(self) -> float:
        """Gives the lowest of the digits' probabilities."""
        return min(digit.probability for row in self.rows for digit in row)


def check_task() -> None:
    """Raises an InputError if the project is set to other images than MNIST's digits."""
    if ((SIDE, SIDE, 1), tuple("0123456789")) != (SHAPE, CLASSES):
        raise InputError(
            "this tool frames digits as MNIST's; stages/formats/task.py is set to other images or "
            "classes: put them into a source's folder test/, and run dvc repro"
        )


def answer_pictures(
    pictures: Sequence[tuple[Grey, Size]], model: Path
) -> list[Answer | InputError]:
    """Reads pictures, each with the size that its boxes refer to, in one batch.

    Raises:
        InputError: see `chunks.predict`.
    """
    greys = [grey for grey, _ in pictures]
    answers: list[Answer | InputError] = []
    for (grey, size), rows in zip(
        pictures, read_pictures(greys, partial(predict, model)), strict=True
    ):
        if isinstance(rows, InputError):
            answers.append(rows)
        else:
            scale = size[0] / grey.shape[1], size[1] / grey.shape[0]
            answers.append(
                Answer(tuple(tuple(_describe(found, scale) for found in row) for row in rows))
            )
    return answers


def answer_images(images: Sequence[Grey], model: Path) -> list[Answer]:
    """Classifies images (28, 28) that are framed as MNIST's already.

    Raises:
        InputError: see `chunks.predict`.
    """
    if not images:
        return []
    place = (0, 0, SIDE, SIDE)
    return [
        Answer(((_describe(Found(image, place, probabilities), (1, 1)),),))
        for image, probabilities in zip(
            images, predict(model, to_images(np.stack(images))), strict=True
        )
    ]


def _describe(found: Found, scale: tuple[float, float]) -> Digit:
    left, top, width, height = found.place
    starts = [round(start * factor) for start, factor in zip((left, top), scale, strict=True)]
    stops = (left + width, top + height)
    ends = [round(stop * factor) for stop, factor in zip(stops, scale, strict=True)]
    probabilities: Probabilities = found.probabilities
    best = int(probabilities.argmax())
    return Digit(
        digit=best,
        probability=float(probabilities[best]),
        probabilities=tuple(probabilities.tolist()),
        x=starts[0],
        y=starts[1],
        width=ends[0] - starts[0],
        height=ends[1] - starts[1],
        image=found.image,
    )
