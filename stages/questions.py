"""Reads the pictures and CSV files that the classifier is asked about, one after the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from stages.dataset import SIDE, read_blocks
from stages.errors import InputError
from stages.frame import Grey
from stages.ink import digit
from stages.outputs import new_file
from stages.pictures import SUFFIXES, read_picture

SEEN = ".seen.png"
UNREAD = (".heic", ".heif", ".avif", ".tif", ".tiff")  # in a folder: to be refused by name
ROWS = 4096  # of CSV files, answered together; bounds the memory
PICTURES = 32  # likewise; they take longer to read, and somebody waits for them


@dataclass(frozen=True)
class Question:
    """An image (28, 28), where it is from, and its row there, from 1, if it is a CSV file."""

    image: Grey
    path: Path
    row: int | None = None


Fault = InputError | OSError  # why something could not be read or written


def questions(paths: list[Path], *, seen: bool) -> Iterator[Question | Fault]:
    """Reads all that can be read, and says of the rest why not, each in its place.

    What is seen of a picture is written beside it if it is to be `seen`. What was written so is
    not asked about along with its picture, as a shell's `photos/*` would have it.
    """
    written = {path.with_name(path.name + SEEN) for path in paths if path.name}
    for path in paths:
        if path in written:
            continue
        try:
            found = files(path)
        except (InputError, OSError) as fault:
            yield fault
            continue
        for file in found:
            yield from _rows(file) if is_csv(file) else _picture(file, seen=seen)


def batches(asked: Iterable[Question | Fault]) -> Iterator[list[Question | Fault]]:
    """Collects what is answered together: few pictures, or many rows."""
    batch: list[Question | Fault] = []
    pictures = 0
    for one in asked:
        batch.append(one)
        pictures += not (isinstance(one, Question) and one.row)
        if len(batch) == ROWS or pictures == PICTURES:
            yield batch
            batch, pictures = [], 0
    if batch:
        yield batch


def is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def files(path: Path) -> list[Path]:
    """Lists the pictures of a folder, not of those inside it; a file is a list of itself.

    Raises:
        InputError: there is no picture.
        OSError: the folder cannot be listed, or there can be no such name.
    """
    if not path.is_dir():
        return [path]
    found = sorted(
        file
        for file in path.iterdir()
        if file.suffix.lower() in (*SUFFIXES, *UNREAD)
        and not file.name.startswith(".")
        and not file.name.endswith(SEEN)
        and file.is_file()
    )
    if not found:
        raise InputError(f"{path}: a folder without pictures; expected {', '.join(SUFFIXES)}")
    return found


def _rows(path: Path) -> Iterator[Question | Fault]:
    try:
        images = (image for block in read_blocks(path, labelled=False) for image in block)
        for row, pixels in enumerate(images, 1):
            yield Question(pixels.reshape(SIDE, SIDE), path, row)
    except (InputError, OSError) as fault:
        yield fault


def _picture(path: Path, *, seen: bool) -> Iterator[Question | Fault]:
    try:
        grey = read_picture(path)
        try:
            image = digit(grey)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
    except (InputError, OSError) as fault:
        yield fault
        return
    yield Question(image, path)
    if seen:
        try:
            with new_file(path.with_name(path.name + SEEN)) as part:
                Image.fromarray(image).save(part, "PNG")
        except OSError as fault:  # the question is answered all the same
            yield fault
