"""Reads pictures and CSV files, one after the other, as images for the classifier."""

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from stages.classifiers.chunks import CHUNK
from stages.cluster.tasks import address
from stages.formats.competition import read_chunks
from stages.formats.task import SIDE
from stages.harness.errors import InputError
from tools.recognize.images import Grey
from tools.recognize.pictures import SUFFIXES, read_picture, read_size
from tools.recognize.seen import BOXES, FRAMED

SAVED = (FRAMED, BOXES)  # ends of the names of files that --seen wrote
UNREADABLE = (".heic", ".heif", ".avif", ".tif", ".tiff")  # in a folder: refused, not skipped


class Input(NamedTuple):
    """A picture (h, w), or an image (28, 28) framed as MNIST's with its row of a CSV file."""

    pixels: Grey
    path: Path
    row: int | None = None  # from 1
    size: tuple[int, int] = (SIDE, SIDE)  # width and height of the whole picture


Fault = InputError | OSError  # why something could not be read or written


def read_inputs(paths: list[Path]) -> Iterator[Input | Fault]:
    """Reads pictures, folders of pictures and CSV files in order; a fault stops nothing else.

    Files that --seen saved are skipped when the picture itself is given, as by `photos/*`.
    """
    saved = {path.with_name(path.name + end) for path in paths if path.name for end in SAVED}
    for path in paths:
        if path in saved:
            continue
        try:
            for file in list_pictures(path):
                yield from _read_rows(file) if is_csv(file) else _read_picture(file)
        except (InputError, OSError) as fault:
            yield fault


def is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def list_pictures(path: Path) -> list[Path]:
    """Lists the pictures in a folder, without its subfolders; a file is a list of itself.

    Raises:
        InputError: there is no picture.
        OSError: the folder cannot be listed, or no file can have such a name.
    """
    if not path.is_dir():
        return [path]
    pictures = sorted(
        file
        for file in path.iterdir()
        if file.suffix.lower() in (*SUFFIXES, *UNREADABLE)
        and not file.name.startswith(".")
        and not file.name.endswith(SAVED)
        and file.is_file()
    )
    if not pictures:
        raise InputError(f"{path}: a folder without pictures; expected {', '.join(SUFFIXES)}")
    return pictures


def _read_rows(path: Path) -> Iterator[Input]:
    note = partial(print, file=sys.stderr)  # which form of CSV file it is
    chunks = read_chunks(path, labelled=False, note=note)
    for row, pixels in enumerate(chain.from_iterable(chunks), 1):
        yield Input(pixels.reshape(SIDE, SIDE), path, row)


def _read_picture(path: Path) -> Iterator[Input | Fault]:
    try:
        yield Input(read_picture(path), path, size=read_size(path))
    except (InputError, OSError) as fault:
        yield fault


ROWS = 4096  # of CSV files in a batch; bounds the memory
MANY = 20 * CHUNK  # ... where a cluster takes a chunk of them at a time
PICTURES = 32  # in a batch; they take longer to read, and somebody waits for them


def collect_batches(inputs: Iterable[Input | Fault]) -> Iterator[list[Input | Fault]]:
    """Collects what is classified together: few pictures, or many rows of CSV files."""
    batch: list[Input | Fault] = []
    for item in inputs:
        batch.append(item)
        is_row = isinstance(item, Input) and item.row
        if len(batch) >= (MANY if address() else ROWS if is_row else PICTURES):
            yield batch
            batch = []
    if batch:
        yield batch
