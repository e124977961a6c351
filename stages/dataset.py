"""Reading and checking competition CSV files, prepared arrays and splits."""

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from stages.arrays import open_array
from stages.errors import InputError

Block = npt.NDArray[np.uint8]
Images = npt.NDArray[np.float32]  # (n, 28, 28, 1), each value in [0, 1]
Labels = npt.NDArray[np.uint8]  # (n,), each in 0-9
Rows = npt.NDArray[np.int64]  # (m,), numbers of rows

CLASSES = 10
SIDE = 28
PIXELS = [f"pixel{i}" for i in range(SIDE * SIDE)]
LABEL = "label"

BLOCK_ROWS = 2048
# No row of 785 numbers of three digits, each in quotes, is longer; memory stays bounded.
MAX_LINE = 8192
NUMBER = re.compile(r"\s*\+?0*([0-9]{1,3})\s*", re.ASCII)


def read_blocks(path: Path, *, labelled: bool) -> Iterator[Block]:
    """Reads a competition CSV file, some rows at a time, in the order of the file.

    Yields:
        uint8 arrays (rows, 785) with the label (0-9) first and then the pixels (0-255), or
        (rows, 784) where the file is not `labelled`.

    Raises:
        InputError: the file is not exactly what the competition's format asks for; the text
            names the file, and the line and the column where there is one.
    """
    columns = [LABEL, *PIXELS] if labelled else PIXELS
    try:
        # utf-8-sig drops a byte-order mark; universal newlines take CRLF.
        with path.open(encoding="utf-8-sig") as file:
            _check_header(path, file, columns)
            line, rows = 2, 0
            while lines := list(islice(iter(lambda: file.readline(MAX_LINE), ""), BLOCK_ROWS)):
                block = _parse(path, lines, line, columns)
                yield block
                line += len(lines)
                rows += len(block)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 text (byte 0x{error.object[error.start]:02x}); "
            "expected a CSV file, not compressed; save it as UTF-8"
        ) from None
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}; expected a CSV file: see data/README.md"
        ) from None
    if rows == 0:
        raise InputError(f"{path}: a header but no rows; expected at least one")


def write_csv(
    path: Path, pixels: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8] | None = None
) -> None:
    """Writes pixels (n, 784) and, where there are any, labels (n,) in the competition's form."""
    table = pixels if labels is None else np.column_stack([labels, pixels])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(PIXELS if labels is None else [LABEL, *PIXELS])
        for start in range(0, len(table), BLOCK_ROWS):
            writer.writerows(table[start : start + BLOCK_ROWS].tolist())


def _check_header(path: Path, file: TextIO, columns: list[str]) -> None:
    names = _cells(file.readline(2 * MAX_LINE))
    if names == columns:
        return
    expected = f"expected {len(columns)} columns {columns[0]},{columns[1]},...,{columns[-1]}"
    if not names:
        raise InputError(f"{path}: empty file; {expected}")
    if names[0].strip().isdigit():
        raise InputError(f"{path} line 1: no header; {expected}")
    if names in (PIXELS, [LABEL, *PIXELS]):
        raise InputError(
            f"{path} line 1: {len(names)} columns; {expected}: are train.csv and test.csv swapped?"
        )
    other = next((mark for mark in ";\t|" if mark in names[0]), None)
    if len(names) == 1 and other:
        raise InputError(f"{path} line 1: cells are separated by {other!r}; expected commas")
    if len(names) != len(columns):
        raise InputError(f"{path} line 1: {len(names)} columns; {expected}")
    at = next(i for i, name in enumerate(names) if name != columns[i])
    raise InputError(f"{path} line 1, column {at + 1}: {names[at]!r:.40}; expected {columns[at]!r}")


def _parse(path: Path, lines: list[str], first_line: int, columns: list[str]) -> Block:
    """Turns lines into numbers; `numpy.loadtxt` is strict: no minus, point, gap or overflow."""
    if not any(line.strip() for line in lines):
        return np.empty((0, len(columns)), np.uint8)
    # NumPy 2.4 does not survive some characters beyond ASCII.
    if not all(line.isascii() for line in lines):
        raise _find_fault(path, lines, first_line, columns)
    try:
        block = np.loadtxt(
            lines, dtype=np.uint8, delimiter=",", quotechar='"', comments=None, ndmin=2
        )
    except ValueError:
        raise _find_fault(path, lines, first_line, columns) from None
    if block.shape[1] != len(columns):
        raise _find_fault(path, lines, first_line, columns)
    if columns[0] == LABEL and block[:, 0].max(initial=0) >= CLASSES:
        raise _find_fault(path, lines, first_line, columns)
    return block


def _find_fault(path: Path, lines: list[str], first_line: int, columns: list[str]) -> InputError:
    """Says which cell of `lines` is at fault; only called when one is."""
    for number, line in enumerate(lines, first_line):
        cells = _cells(line)
        if len(line) == MAX_LINE:
            return InputError(
                f"{path} line {number}: longer than {MAX_LINE} characters; "
                f"expected {len(columns)} numbers"
            )
        if cells and len(cells) != len(columns):
            return InputError(f"{path} line {number}: {len(cells)} cells; expected {len(columns)}")
        for column, cell in zip(columns, cells, strict=False):
            allowed = CLASSES - 1 if column == LABEL else 255
            found = NUMBER.fullmatch(cell)
            if not found or int(found[1]) > allowed:
                return InputError(
                    f"{path} line {number}, column {column}: {cell!r:.40}; "
                    f"expected a whole number from 0 to {allowed}"
                )
    return InputError(f"{path} from line {first_line}: not a table; expected whole numbers")


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return [line]


def read_images(
    path: Path, rows: npt.NDArray[np.int64] | None = None, *, count: int | None = None
) -> Images:
    """Reads prepared images: float32 (n, 28, 28, 1), each value in [0, 1].

    Args:
        path: the .npy file; only what is asked for is read.
        rows: the numbers of the images to read; all of them by default.
        count: how many images the file should hold, where that is known.

    Raises:
        InputError: the file is not such an array.
    """
    images: Images = open_array(path, "float32", (SIDE, SIDE, 1), stage="preprocess")
    if count is not None and len(images) != count:
        raise InputError(f"{path}: {len(images)} images, {count} labels; run preprocess again")
    images = np.asarray(images if rows is None else images[rows])
    if not (images.min() >= 0 and images.max() <= 1):  # also false for NaN
        raise InputError(f"{path}: values outside [0, 1]; run preprocess again")
    return images


def open_labels(path: Path) -> Labels:
    """Opens the labels of prepared images: uint8 (n,), each in 0-9; see `read_images`."""
    labels: Labels = np.asarray(open_array(path, "uint8", (), stage="preprocess"))
    if labels.max() >= CLASSES:
        row = int((labels >= CLASSES).argmax())
        raise InputError(
            f"{path} row {row}: label {labels[row]}; expected 0-{CLASSES - 1}; run preprocess again"
        )
    return labels


def open_split(folder: Path, count: int) -> tuple[Rows, Rows]:
    """Opens a split of rows 0 to `count` - 1: int64 (m,), of the training and validation part.

    Raises:
        InputError: a row is in both parts, so that the score would not be honest, twice in one,
            or in none.
    """
    paths = [folder / f"{part}.npy" for part in ("train", "validation")]
    parts = [np.asarray(open_array(path, "int64", (), stage="split")) for path in paths]
    for path, rows in zip(paths, parts, strict=True):
        if rows.min() < 0 or rows.max() >= count:
            raise InputError(f"{path}: row numbers outside 0-{count - 1}; run split again")
        if (np.diff(rows) <= 0).any():
            row = rows[1 + int((np.diff(rows) <= 0).argmax())]
            raise InputError(f"{path}: row {row} repeats or is out of order; run split again")
    times = np.bincount(np.concatenate(parts), minlength=count)
    if (times != 1).any():
        row = int((times != 1).argmax())
        where = "in both parts" if times[row] else "in neither part"
        raise InputError(f"{folder}: row {row} of {count} is {where}; run split again")
    return parts[0], parts[1]
