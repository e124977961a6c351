"""Reads pictures whose digits are known, and gives a row of a table: how many were read right."""

from functools import partial
from pathlib import Path

from stages.classifiers.chunks import predict
from stages.harness.errors import InputError
from tools.recognize.images import Grey
from tools.recognize.reading import Rows, read_pictures

HEADER = "| pictures | number | right | refused | characters right |\n|---|---|---|---|---|"
BATCH = 32  # pictures at a time
Answer = Rows | InputError


def read(pictures: list[Grey], model: Path) -> list[Answer]:
    """Reads pictures, each uint8 (h, w), as `python -m tools.recognize` does."""
    starts = range(0, len(pictures), BATCH)
    batches = (pictures[start : start + BATCH] for start in starts)
    classify = partial(predict, model)
    return [answer for batch in batches for answer in read_pictures(batch, classify)]


def spell(answer: Answer) -> str:
    """Gives what was read, as "12/3"; of a refused picture ""."""
    if isinstance(answer, InputError):
        return ""
    return "/".join("".join(str(it.probabilities.argmax()) for it in row) for row in answer)


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


def format_row(name: str, answers: list[Answer], texts: list[str]) -> str:
    """Counts which answers are right; where there is no digit, it is right to refuse.

    Args:
        name: of the row.
        answers: what was read in each picture.
        texts: what is written in each: "12/3", or "".
    """
    read_texts = [spell(answer) for answer in answers]
    right = sum(map(str.__eq__, read_texts, texts))
    lost = sum(map(measure_distance, read_texts, texts))
    share = f"{max(0, 1 - lost / sum(map(len, texts))):.1%}" if any(texts) else ""
    cells = name, len(texts), f"{right / len(texts):.1%}", read_texts.count(""), share
    return f"| {' | '.join(map(str, cells))} |"
