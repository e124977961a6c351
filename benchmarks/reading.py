"""Reads pictures whose digits are known, and gives a row of a table: how many were read right."""

from functools import partial
from pathlib import Path

from stages.classifiers.chunks import predict
from stages.harness.errors import InputError
from tools.recognize.images import Grey
from tools.recognize.reading import read_pictures

HEADER = "| pictures | number | right | refused | characters right |\n|---|---|---|---|---|"
BATCH = 32  # pictures at a time


def read_texts(pictures: list[Grey], model: Path) -> list[str | None]:
    """Reads pictures as `python -m tools.recognize` does: "12/3", or None for a refused one."""
    texts: list[str | None] = []
    for start in range(0, len(pictures), BATCH):
        for rows in read_pictures(pictures[start : start + BATCH], partial(predict, model)):
            if isinstance(rows, InputError):
                texts.append(None)
                continue
            digits = [[str(digit.probabilities.argmax()) for digit in row] for row in rows]
            texts.append("/".join(map("".join, digits)))
    return texts


def measure_distance(first: str, second: str) -> int:
    """Counts the characters to insert, delete or replace that make one text of another.

    Source: V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and
    reversals", Soviet Physics Doklady 10, 1966.
    """
    row = list(range(len(second) + 1))
    for number, character in enumerate(first, 1):
        before, row = row, [number]
        for column, other in enumerate(second, 1):
            changed = before[column - 1] + (character != other)
            row.append(min(before[column] + 1, row[-1] + 1, changed))
    return row[-1]


def format_row(name: str, pictures: list[Grey], texts: list[str], model: Path) -> str:
    """Reads pictures and counts what is right; where there is no digit, it is right to refuse.

    Args:
        name: of the row.
        pictures: each uint8 (h, w).
        texts: what is written in each: "12/3", or "".
        model: the folder of a saved classifier.
    """
    answers = read_texts(pictures, model)
    right = digits = 0
    for answer, text in zip(answers, texts, strict=True):
        right += (answer or "") == text
        digits += max(0, len(text) - measure_distance(answer or "", text))
    share = f"{digits / sum(map(len, texts)):.1%}" if any(texts) else ""
    cells = name, len(pictures), f"{right / len(pictures):.1%}", answers.count(None), share
    return f"| {' | '.join(map(str, cells))} |"
