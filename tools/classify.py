"""Classifies pictures with the trained classifier, whatever it was trained on.

    python -m tools.classify PATH... [--csv FILE | --json]

A picture is read as `fetch` reads those of a source: turned upright, and stretched to the size that
the classifier learned. For photographs of digits, `tools.recognize` finds and frames the digits.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stages.classifiers.chunks import count_chunk, predict
from stages.classifiers.saved import read_manifest
from stages.formats.pictures import OTHERS, SUFFIXES, read_picture
from stages.formats.prepared import Images, Rows, Shape, to_images
from stages.formats.task import DIGITS, Task
from stages.harness import paths
from stages.harness.errors import InputError, escape, run
from stages.harness.outputs import new_file
from stages.reporting.text import rounded_down
from tools.command import Faults, Parser, list_pictures

CHUNKS = 20  # of pictures, predicted together; bounds the memory


class Answer(NamedTuple):
    """The two most probable classes of a picture."""

    file: str
    first: str
    probability: float
    second: str
    second_probability: float


COLUMNS = ("file", "class", "probability", "next_class", "next_probability")


class Pictures:
    """Picture files as images, read when they are asked for; see `ImageRows`.

    One that cannot be read is empty, and its place is in `faults`.
    """

    def __init__(self, files: list[Path], shape: Shape) -> None:
        self._files, self._shape = files, shape
        self.faults: dict[int, InputError] = {}

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, places: slice | Rows) -> Images:
        rows = np.arange(len(self))[places]
        pixels = np.zeros((len(rows), *self._shape), np.uint8)
        for image, row in zip(pixels, rows.tolist(), strict=True):
            try:
                image[:] = read_picture(self._files[row], self._shape)
            except InputError as fault:
                self.faults[row] = fault
        return to_images(pixels, self._shape)


def classify(files: list[Path], task: Task, faults: Faults) -> Iterator[Answer]:
    """Classifies pictures with the classifier in data/model; faults are reported."""
    size = CHUNKS * count_chunk(task.shape)
    for start in range(0, len(files), size):
        pictures = Pictures(files[start : start + size], task.shape)
        probabilities = predict(paths.MODEL, pictures)
        best = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
        for row, file in enumerate(files[start : start + size]):
            with faults.reported():
                if row in pictures.faults:
                    raise pictures.faults[row]
                first, second = best[row].tolist()
                high, low = probabilities[row, best[row]].tolist()
                yield Answer(str(file), task.classes[first], high, task.classes[second], low)


def write_csv(path: Path, answers: Iterable[Answer]) -> None:
    """Writes a table of answers; a file name that is not UTF-8 is escaped."""
    import pandas as pd  # slower than the rest, and rarely needed

    table = pd.DataFrame(answers, columns=COLUMNS)
    with new_file(path) as part:
        table.to_csv(part, index=False, float_format="%.4f", errors="backslashreplace")


def format_line(answer: Answer) -> str:
    """Returns an answer in one line, as in "a.png: road 97%, or field 2%"."""
    name, first, high, second, low = answer
    return f"{escape(name)}: {first} {rounded_down(high)}, or {second} {rounded_down(low)}"


def format_json(answer: Answer) -> str:
    """Returns an answer as a JSON object with the keys of `COLUMNS`, in one line of ASCII."""
    name, first, high, second, low = answer
    values = (name, first, round(high, 4), second, round(low, 4))
    return json.dumps(dict(zip(COLUMNS, values, strict=True)))


def parse_arguments() -> argparse.Namespace:
    parser = Parser(prog="python -m tools.classify", description="Say what your pictures show.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a picture or a folder")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", type=Path, metavar="FILE", help="write a table to this file")
    form.add_argument("--json", action="store_true", help="print JSON, a line for each picture")
    arguments = parser.parse_args()
    if arguments.csv and arguments.csv.suffix.lower() != ".csv":  # it may be a picture
        parser.error(f"argument --csv: {arguments.csv}; expected a name that ends with .csv")
    return arguments


def main() -> None:
    arguments, faults = parse_arguments(), Faults()
    task = read_manifest(paths.MODEL).task
    if task == DIGITS:
        print(
            "note: a picture is taken for one digit as it is; python -m tools.recognize finds and "
            "frames digits in photographs",
            file=sys.stderr,
        )
    files: list[Path] = []
    for path in arguments.paths:
        with faults.reported():
            if not path.exists():
                raise InputError(f"{path}: no such file; expected a picture or a folder of them")
            files += list_pictures(path, SUFFIXES, OTHERS) if path.is_dir() else [path]
    answers = classify(files, task, faults)
    if arguments.csv:
        write_csv(arguments.csv, answers)
    else:
        for answer in answers:
            print(format_json(answer) if arguments.json else format_line(answer))
    if faults.found:
        sys.exit(1)


if __name__ == "__main__":
    run(main)
