"""The command `python -m tools.recognize`: says which digit is in a picture."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

import numpy as np

from stages.classifiers.saved import predict
from stages.formats.prepared import to_images
from stages.harness import paths
from stages.harness.errors import describe, escape, run
from tools.recognize.formatting import format_json, format_line
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


def main() -> None:
    arguments = parse_arguments()
    format_answer = format_json if arguments.json else format_line
    failed = False
    for batch in collect_batches(read_inputs(arguments.paths, save_framed=arguments.seen)):
        inputs = [item for item in batch if isinstance(item, Input)]
        if inputs:
            images = to_images(np.stack([item.image for item in inputs]))
            for source, probabilities in zip(inputs, predict(paths.MODEL, images), strict=True):
                print(format_answer(source, probabilities))
            sys.stdout.flush()  # somebody may wait for these lines, or stop the command here
        faults = [item for item in batch if not isinstance(item, Input)]
        for fault in faults:
            print(describe(fault), file=sys.stderr)
        failed = failed or bool(faults)
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    run(main)
