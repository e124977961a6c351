"""What the classifier answers to pictures and CSV files of one's own."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn

import numpy as np
from PIL import Image

from stages.classifier import predict
from stages.dataset import SIDE, read_blocks
from stages.errors import InputError, as_line
from stages.frame import Grey
from stages.ink import digit
from stages.lite_network import Probabilities
from stages.outputs import new_file
from stages.pictures import SUFFIXES, read_picture

MODEL = Path("data/model")
SEEN = ".seen.png"
UNREAD = (".heic", ".heif", ".avif", ".tif", ".tiff")  # in a folder: to be refused by name
BATCH = 4096  # images at a time; bounds the memory
CLOSE = 0.1  # of probability, from which on the second digit is named

EXAMPLES = """\
examples:
  python -m stages.predict                         write data/submission.csv, as dvc repro does
  python -m stages.predict my_digit.png            my_digit.png: 7 (98%)
  python -m stages.predict --seen photos/ 3.jpg    a folder's pictures and one, and what was seen
  python -m stages.predict data/digits/test.csv    each row of a file in the competition's form

One digit to a picture: dark on light or light on dark, drawn or photographed, of any size.
PNG, JPEG, GIF, BMP and WebP are read. The classifier is the last one trained: dvc repro trains it.
The exit status is 1 if something could not be read; all else is answered nevertheless.
"""


@dataclass(frozen=True)
class Question:
    """An image (28, 28), where it is from, and its row there, from 1, if it is a CSV file."""

    image: Grey
    path: Path
    row: int | None = None


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Says it in one line, as everything else."""
        self.exit(2, f"error: {message}; see python -m stages.predict --help\n")


def parser() -> Parser:
    made = Parser(
        prog="python -m stages.predict",
        description="Say which digit is in pictures of your own.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a picture, a folder of pictures, or a CSV file (pixel0,pixel1,...,pixel783)",
    )
    made.add_argument(
        "--seen",
        action="store_true",
        help=f"write the 28x28 image that the classifier saw beside each picture: a.png{SEEN}",
    )
    made.add_argument(
        "--json", action="store_true", help="one JSON object a line, with all ten probabilities"
    )
    return made


def files(path: Path) -> list[Path]:
    """Lists the pictures of a folder, not of those inside it; a file is a list of itself.

    Raises:
        InputError: there is no picture.
    """
    if not path.is_dir():
        return [path]
    found = sorted(
        file
        for file in path.iterdir()
        if file.suffix.lower() in (*SUFFIXES, *UNREAD)
        and not file.name.startswith(".")
        and not file.name.endswith(SEEN)
        and file.is_file()
    )
    if not found:
        raise InputError(f"{path}: a folder without pictures; expected {', '.join(SUFFIXES)}")
    return found


def questions(path: Path, *, seen: bool) -> Iterator[Question]:
    """Reads a picture or a CSV file; writes what is seen of a picture if it is to be `seen`.

    Raises:
        InputError: see `read_blocks`, `read_picture` and `digit`.
    """
    if path.suffix.lower() == ".csv":
        images = (image for block in read_blocks(path, labelled=False) for image in block)
        for row, pixels in enumerate(images, 1):
            yield Question(pixels.reshape(SIDE, SIDE), path, row)
        return
    grey = read_picture(path)
    try:
        image = digit(grey)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    if seen:
        with new_file(path.with_name(path.name + SEEN)) as part:
            Image.fromarray(image).save(part, "PNG")
    yield Question(image, path)


def all_questions(paths: list[Path], faults: list[InputError], *, seen: bool) -> Iterator[Question]:
    """Reads all that can be read; the rest goes to `faults`."""
    for path in paths:
        try:
            for file in files(path):
                try:
                    yield from questions(file, seen=seen)
                except InputError as error:
                    faults.append(error)
        except InputError as error:
            faults.append(error)


def line(question: Question, probabilities: Probabilities) -> str:
    """Says the digit and how sure it is, and the second one if that is not far."""
    second, first = np.argsort(probabilities, kind="stable")[-2:]
    where = "" if question.row is None else f" row {question.row}"
    said = f"{_name(question.path)}{where}: {first} ({probabilities[first]:.0%})"
    if probabilities[second] >= CLOSE:
        said += f", or {second} ({probabilities[second]:.0%})"
    return said


def json_line(question: Question, probabilities: Probabilities) -> str:
    answer = {
        "file": _name(question.path),
        "row": question.row,
        "digit": int(probabilities.argmax()),
        "confidence": round(float(probabilities.max()), 4),
        "probabilities": [round(float(value), 4) for value in probabilities],
    }
    return json.dumps(answer, ensure_ascii=False)


def _name(path: Path) -> str:
    """Gives a name that can be printed, whatever bytes it is made of."""
    return " ".join(str(path).encode("utf-8", "replace").decode().split())


def main() -> None:
    arguments = parser().parse_args()
    say = json_line if arguments.json else line
    faults: list[InputError] = []
    reading = all_questions(arguments.paths, faults, seen=arguments.seen)
    while batch := list(islice(reading, BATCH)):
        pixels = np.stack([question.image for question in batch])[..., None]
        answers = predict(MODEL, np.divide(pixels, 255, dtype=np.float32))
        for question, probabilities in zip(batch, answers, strict=True):
            print(say(question, probabilities))
    sys.stdout.flush()
    if faults:
        sys.exit("\n".join(as_line(fault) for fault in faults))
