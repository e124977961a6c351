"""Reads pictures and CSV files, one after the other, as images for the classifier."""

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from stages.classifiers.chunks import count_chunk
from stages.formats.competition import read_chunks
from stages.formats.task import DIGITS
from stages.harness.errors import InputError
from tools.command import Faults
from tools.recognize.crops import BOXES, CROPS
from tools.recognize.images import SIDE
from tools.recognize.pictures import SUFFIXES, Picture, read_picture

SAVED = (CROPS, BOXES)  # ends of the names of files that --save-crops wrote
UNREADABLE = (".heic", ".heif", ".avif")  # in a folder: refused, not skipped


class Input(NamedTuple):
    """A picture, or an image (28, 28) framed as MNIST's with its row of a CSV file."""

    path: Path
    picture: Picture
    row: int | None = None  # from 1


def read_inputs(paths: list[Path], faults: Faults) -> Iterator[Input]:
    """Reads pictures, folders of pictures and CSV files in order.

    Files that --save-crops saved are skipped when the picture itself is given, as by `photos/*`.
    """
    saved = {path.with_name(path.name + end) for path in paths if path.name for end in SAVED}
    for path in paths:
        files: list[Path] = []
        with faults.reported():
            files = list_pictures(path) if path not in saved else []
        for file in files:
            with faults.reported():
                yield from _read(file)


def is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def list_pictures(path: Path) -> list[Path]:
    """Lists the pictures in a folder and its subfolders; a file is a list of itself.

    Raises:
        InputError: there is no picture.
    """
    if not path.is_dir():
        return [path]
    pictures = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in (*SUFFIXES, *UNREADABLE)
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
        and not file.name.endswith(SAVED)
        and file.is_file()
    )
    if not pictures:
        raise InputError(f"{path}: a folder without pictures; expected {', '.join(SUFFIXES)}")
    return pictures


def _read(file: Path) -> Iterator[Input]:
    """Reads a picture or the rows of a CSV file."""
    if not is_csv(file):
        yield Input(file, read_picture(file))
        return
    note = partial(print, file=sys.stderr)  # which form of CSV file it is
    blocks = (pixels for pixels, _ in read_chunks(file, DIGITS, note))
    for row, pixels in enumerate(chain.from_iterable(blocks), 1):
        yield Input(file, Picture(pixels.reshape(SIDE, SIDE), (SIDE, SIDE)), row)


ROWS = 4 * count_chunk(DIGITS.shape)  # of CSV files in a batch; bounds the memory
PICTURES = 32  # in a batch; they take longer to read, and somebody waits for them


def collect_batches(inputs: Iterable[Input]) -> Iterator[list[Input]]:
    """Collects what is classified together: few pictures, or many rows of CSV files."""
    batch: list[Input] = []
    for item in inputs:
        batch.append(item)
        if len(batch) >= (ROWS if item.row else PICTURES):
            yield batch
            batch = []
    if batch:
        yield batch
