"""Formats what the classifier says of an input, for people and for programs."""

import json

import numpy as np

from stages.formats.prepared import Probabilities
from stages.harness.errors import escape
from stages.reporting.text import rounded_down
from tools.recognize.inputs import Input

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
