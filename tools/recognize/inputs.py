"""Reads pictures and CSV files, and answers them in their order."""

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import NamedTuple

from stages.formats.competition import read_chunks
from stages.formats.task import DIGITS
from stages.harness import paths
from stages.harness.errors import InputError
from tools.command import Faults, list_pictures
from tools.recognize.answer import Answer, answer_images, answer_pictures
from tools.recognize.crops import BOXES, CROPS
from tools.recognize.images import SIDE
from tools.recognize.pictures import SUFFIXES, Picture, read_picture

SAVED = (CROPS, BOXES)  # ends of the names of files that --save-crops wrote
UNREADABLE = (".heic", ".heif", ".avif")  # in a folder: refused, not skipped
BATCH = 32  # pictures that are classified together


class Input(NamedTuple):
    """A picture, or a row of a CSV file."""

    path: Path
    row: int | None = None  # from 1


def is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def answer_inputs(given: list[Path], faults: Faults) -> Iterator[tuple[Input, Answer]]:
    """Answers pictures, the pictures of folders, and the rows of CSV files; faults are reported.

    Files that --save-crops saved are skipped when the picture itself is given, as by `photos/*`.
    """
    saved = {path.with_name(path.name + end) for path in given if path.name for end in SAVED}
    for of_csv, group in groupby((path for path in given if path not in saved), is_csv):
        yield from (_answer_rows if of_csv else _answer_pictures)(group, faults)


def _answer_rows(files: Iterable[Path], faults: Faults) -> Iterator[tuple[Input, Answer]]:
    note = partial(print, file=sys.stderr)  # which form of CSV file it is
    for file in files:
        row = 0
        with faults.reported():
            for pixels, _ in read_chunks(file, DIGITS, note):
                for answer in answer_images(list(pixels.reshape(-1, SIDE, SIDE)), paths.MODEL):
                    row += 1
                    yield Input(file, row), answer


def _answer_pictures(given: Iterable[Path], faults: Faults) -> Iterator[tuple[Input, Answer]]:
    pictures = _read_pictures(given, faults)
    while batch := list(islice(pictures, BATCH)):
        answers = answer_pictures([picture for _, picture in batch], paths.MODEL)
        for (file, _), answer in zip(batch, answers, strict=True):
            with faults.reported():
                if isinstance(answer, InputError):
                    raise InputError(f"{file}: {answer}")
                yield Input(file), answer


def _read_pictures(given: Iterable[Path], faults: Faults) -> Iterator[tuple[Path, Picture]]:
    for path in given:
        files: list[Path] = []
        with faults.reported():
            folder = path.is_dir()
            files = list_pictures(path, SUFFIXES, UNREADABLE, SAVED) if folder else [path]
        for file in files:
            with faults.reported():
                yield file, read_picture(file)
