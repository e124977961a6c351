"""What the classifier answers to pictures and CSV files of one's own."""

import argparse
import json
import sys
from pathlib import Path
from typing import NoReturn

import numpy as np

from stages.classifier import predict
from stages.errors import as_line, printable
from stages.lite_network import Probabilities
from stages.questions import SEEN, Question, batches, is_csv, questions
from stages.scores import rounded_down

MODEL = Path("data/model")
CLOSE = 0.1  # of probability, from which on the second digit is named

EXAMPLES = """\
examples:
  python -m stages.predict                         write data/submission.csv, as dvc repro does
  python -m stages.predict my_digit.png            my_digit.png: 7 (98%)
  python -m stages.predict --seen photos/ 3.jpg    a folder's pictures and one, and what was seen
  python -m stages.predict data/digits/test.csv    each row of a file in the competition's form

One digit to a picture: dark on light or light on dark, drawn or photographed, of any size, on
paper that fills the picture or lies on a table.
PNG, JPEG, GIF, BMP and WebP are read. The classifier is the last one trained: dvc repro trains it.
What --seen wrote is left out, unless it is named without its picture.
The exit status is 1 if something could not be read or written; all else is answered nevertheless.
"""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Says it in one line, as everything else."""
        self.exit(2, f"error: {printable(message)}; see python -m stages.predict --help\n")


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


def line(question: Question, probabilities: Probabilities) -> str:
    """Says the digit and how sure it is, and the second one if that is not far."""
    second, first = np.argsort(probabilities, kind="stable")[-2:]
    where = "" if question.row is None else f" row {question.row}"
    name = printable(str(question.path))
    said = f"{name}{where}: {first} ({rounded_down(probabilities[first])})"
    if probabilities[second] >= CLOSE:
        said += f", or {second} ({rounded_down(probabilities[second])})"
    return said


def json_line(question: Question, probabilities: Probabilities) -> str:
    answer = {
        "file": str(question.path),
        "row": question.row,
        "digit": int(probabilities.argmax()),
        "confidence": round(float(probabilities.max()), 4),
        "probabilities": [round(float(value), 4) for value in probabilities],
    }
    return json.dumps(answer)  # in ASCII: any name comes back from it, and harms no terminal


def main() -> None:
    made = parser()
    arguments = made.parse_args()
    if arguments.seen and all(map(is_csv, arguments.paths)):
        made.error("argument --seen: nothing is written of CSV files, whose rows are what is seen")
    say = json_line if arguments.json else line
    failed = False
    for batch in batches(questions(arguments.paths, seen=arguments.seen)):
        asked = [one for one in batch if isinstance(one, Question)]
        faults = [one for one in batch if not isinstance(one, Question)]
        if asked:
            pixels = np.stack([question.image for question in asked])[..., None]
            answers = predict(MODEL, np.divide(pixels, 255, dtype=np.float32))
            for question, probabilities in zip(asked, answers, strict=True):
                print(say(question, probabilities))
            sys.stdout.flush()  # somebody may be waiting, or stop it here
        for fault in faults:
            print(as_line(fault), file=sys.stderr)
        failed = failed or bool(faults)
    if failed:
        sys.exit(1)
