"""The command `python -m tools.recognize`: prints which digits are in a picture."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from stages.harness import paths
from stages.harness.errors import escape, run
from stages.reporting.text import rounded_down
from tools.command import Faults, Parser
from tools.recognize.answer import Answer, check_task
from tools.recognize.crops import BOXES, CROPS, save_crops
from tools.recognize.inputs import Input, answer_inputs, is_csv
from tools.recognize.pictures import STDIN

EXAMPLES = """\
examples:
  python -m tools.recognize my_digit.png                my_digit.png: 7 (98%)
  python -m tools.recognize --save-crops photos/ 3.jpg  the pictures of a folder and one more
  python -m tools.recognize data/raw/test.csv           each row of a CSV file

A picture (PNG, JPEG, GIF, BMP, WebP or TIFF) holds one digit or rows of digits, printed as
0123/4567. The classifier is the last one trained. Files written by --save-crops are skipped unless
you name one without its picture. The exit status is 1 if something could not be read or written.
"""


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        prog="python -m tools.recognize",
        description="Print which digits are in your pictures.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    kinds = "a picture, a folder, a CSV file, or - for a picture from standard input"
    add("paths", nargs="+", type=to_path, metavar="PATH", help=kinds)
    crops = f"save the digits' 28x28 images (a.png{CROPS}) and boxes (a.png{BOXES})"
    add("--save-crops", action="store_true", help=crops)
    add("--json", action="store_true", help="print JSON lines, with boxes and probabilities")
    arguments = parser.parse_args()
    if arguments.save_crops and all(map(is_csv, arguments.paths)):
        parser.error("argument --save-crops: a CSV file holds 28x28 images; expected a picture")
    if arguments.save_crops and STDIN in arguments.paths:
        parser.error("argument --save-crops: standard input has no folder; expected a file")
    return arguments


def to_path(text: str) -> Path:
    if "://" in text:
        raise argparse.ArgumentTypeError(f"{text} is a web address; download the picture first")
    return Path(text)


CLOSE = 0.1  # a second digit that is at least so probable is named too


def format_line(source: Input, answer: Answer) -> str:
    """Returns the digits in one line: of one digit the second best too, if it is close."""
    row = "" if source.row is None else f" row {source.row}"
    line = f"{escape(str(source.path))}{row}: {answer.digits} "
    if len(answer.digits) > 1:
        return f"{line}(each at least {rounded_down(answer.probability)})"
    probabilities = np.array(answer.rows[0][0].probabilities)
    second, first = np.argsort(probabilities, kind="stable")[-2:]
    line += f"({rounded_down(probabilities[first])})"
    if probabilities[second] >= CLOSE:
        line += f", or {second} ({rounded_down(probabilities[second])})"
    return line


def format_json(source: Input, answer: Answer) -> str:
    """Returns a JSON object in one line of ASCII, whatever the file's name is.

    Its keys: `file`; `row`, from 1 in a CSV file and null for a picture; `digits`, such as "7" or
    "0123/4567"; `confidence`, the lowest of their probabilities; `probabilities` of 0, 1, ... 9 if
    there is one digit, otherwise null; `found`, see `Digit`; `skipped`, see `Answer`.
    """
    digits = [digit for row in answer.rows for digit in row]
    of_one = [round(value, 4) for value in digits[0].probabilities] if len(digits) == 1 else None
    keys = ("digit", "x", "y", "width", "height")
    found = [
        {key: getattr(digit, key) for key in keys} | {"probability": round(digit.probability, 4)}
        for digit in digits
    ]
    skipped = [asdict(box) for box in answer.skipped]
    line: dict[str, Any] = {"file": str(source.path), "row": source.row, "digits": answer.digits}
    line |= {"confidence": round(answer.probability, 4), "probabilities": of_one, "found": found}
    line["skipped"] = skipped
    return json.dumps(line)


def main() -> None:
    arguments, faults = parse_arguments(), Faults()
    check_task(paths.MODEL)
    format_answer = format_json if arguments.json else format_line
    for source, answer in answer_inputs(arguments.paths, faults):
        with faults.reported():
            if arguments.save_crops and not source.row:
                save_crops(source.path, answer)
        print(format_answer(source, answer))
    if faults.found:
        sys.exit(1)


if __name__ == "__main__":
    run(main)
