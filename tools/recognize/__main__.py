"""The command `python -m tools.recognize`: says which digit is in a picture."""

import argparse
import json
import sys
from pathlib import Path
from typing import NoReturn

import numpy as np

from stages.classifiers.chunks import predict
from stages.formats.prepared import Probabilities, to_images
from stages.formats.task import CLASSES, SHAPE, SIDE
from stages.harness import paths
from stages.harness.errors import InputError, describe, escape, run
from stages.reporting.text import rounded_down
from tools.recognize.inputs import FRAMED, Input, collect_batches, is_csv, read_inputs

EXAMPLES = """\
examples:
  python -m tools.recognize my_digit.png          my_digit.png: 7 (98%)
  python -m tools.recognize --seen photos/ 3.jpg  the pictures of a folder and one more
  python -m tools.recognize data/raw/test.csv     each row of a CSV file

One digit in a picture: drawn or photographed, of any size, dark on light or light on dark, on
paper that fills the picture or lies on a table.
PNG, JPEG, GIF, BMP and WebP are read. The classifier is the last one trained: dvc repro trains it.
Files written by --seen are skipped unless you name one without its picture.
The exit status is 1 if something could not be read or written; the rest is read all the same.
"""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Says in one line what is wrong with the arguments."""
        self.exit(2, f"error: {escape(message)}; see {self.prog} --help\n")


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        prog="python -m tools.recognize",
        description="Say which digit is in your pictures.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("paths", nargs="+", type=Path, metavar="PATH", help="a picture, a folder, or a CSV file")
    add("--seen", action="store_true", help=f"save each picture's 28x28 image: a.png{FRAMED}")
    add("--json", action="store_true", help="print one JSON object a line, with all probabilities")
    arguments = parser.parse_args()
    if arguments.seen and all(map(is_csv, arguments.paths)):
        parser.error("argument --seen: a CSV file holds 28x28 images already; expected a picture")
    return arguments


CLOSE = 0.1  # a second digit that is at least so probable is named too


def format_line(source: Input, probabilities: Probabilities) -> str:
    """Gives the digit and its probability in one line, and the second digit if it is close."""
    second, first = np.argsort(probabilities, kind="stable")[-2:]
    row = "" if source.row is None else f" row {source.row}"
    name = escape(str(source.path))
    line = f"{name}{row}: {first} ({rounded_down(probabilities[first])})"
    if probabilities[second] >= CLOSE:
        line += f", or {second} ({rounded_down(probabilities[second])})"
    return line


def format_json(source: Input, probabilities: Probabilities) -> str:
    """Gives a JSON object in one line of ASCII, whatever the file's name is.

    Its keys: `file`; `row`, from 1 in a CSV file and null for a picture; `digits`, a text such as
    "7"; `confidence`, the highest of the `probabilities` of 0, 1, ... 9.
    """
    answer = {
        "file": str(source.path),
        "row": source.row,
        "digits": str(probabilities.argmax()),
        "confidence": round(float(probabilities.max()), 4),
        "probabilities": [round(float(value), 4) for value in probabilities],
    }
    return json.dumps(answer)


def main() -> None:
    digits = (SIDE, SIDE, 1), tuple("0123456789")
    if digits != (SHAPE, CLASSES):
        raise InputError(
            "this tool frames digits as MNIST's; stages/formats/task.py is set to other images or "
            "classes: put them into a source's folder test/, and run dvc repro"
        )
    arguments = parse_arguments()
    format_answer = format_json if arguments.json else format_line
    status = 0
    for batch in collect_batches(read_inputs(arguments.paths, save_framed=arguments.seen)):
        inputs = [item for item in batch if isinstance(item, Input)]
        if inputs:
            images = to_images(np.stack([item.image for item in inputs]))
            for source, probabilities in zip(inputs, predict(paths.MODEL, images), strict=True):
                print(format_answer(source, probabilities))
            sys.stdout.flush()  # somebody may wait for these lines, or stop the command here
        for item in batch:
            if not isinstance(item, Input):
                print(describe(item), file=sys.stderr)
                status = 1
    if status:
        sys.exit(status)


if __name__ == "__main__":
    run(main)
