"""A source that is a folder of pictures: `<class>/<picture>.png` for each class, and `test/`."""

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from stages.formats.competition import write_csv
from stages.formats.task import CLASSES, SHAPE
from stages.harness.errors import InputError

TEST = "test"  # the folder of the pictures without a label
FORMATS = ("PNG", "JPEG", "BMP")
MODES = {1: "L", 3: "RGB"}  # Pillow's names, by the number of channels
DEEP = ("I", "F")  # Pillow's modes of more than 8 bits a channel start so


def fetch(source: Path, raw: Path) -> None:
    """Writes the pictures of each class, in the order of CLASSES, and those of `test` to `raw`.

    In each folder, the pictures are in the order of their names. A picture is converted to grey
    if SHAPE has one channel, and to RGB if it has three; transparency is dropped.

    Raises:
        InputError: a folder is missing, empty or of no class; or a file in it is not a picture of
            the size in SHAPE.
    """
    names = {path.name for path in source.iterdir() if path.is_dir() and path.name[0] != "."}
    if wrong := sorted(names ^ {*CLASSES, TEST}):
        fault = "no such class" if wrong[0] in names else "no such folder"
        raise InputError(
            f"{source / wrong[0]}: {fault}; expected a folder for each of CLASSES in "
            f"stages/formats/task.py, and {TEST} with pictures to predict"
        )
    parts = [read_folder(source / name) for name in CLASSES]
    labels = np.repeat(np.arange(len(CLASSES), dtype=np.uint8), [len(part) for part in parts])
    write_csv(raw / "train.csv", np.concatenate(parts), labels)
    write_csv(raw / "test.csv", read_folder(source / TEST))


def read_folder(folder: Path) -> npt.NDArray[np.uint8]:
    """Reads the pictures of a folder, without its hidden files: (n, *SHAPE)."""
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if not files:
        raise InputError(f"{folder}: no pictures; expected at least one")
    return np.stack([read_picture(file).reshape(SHAPE) for file in files])


def read_picture(path: Path) -> npt.NDArray[np.uint8]:
    """Reads a PNG, JPEG or BMP file of the size in SHAPE: (height, width) or with channels."""
    height, width, channels = SHAPE
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=FORMATS) as image:
            if image.size != (width, height):
                raise ValueError(f"{image.width} x {image.height} pixels")
            if image.mode.startswith(DEEP):
                raise ValueError(f"mode {image.mode}")
            return np.asarray(image.convert(MODES[channels]))
    except Exception as error:  # Pillow's decoders raise errors of any kind
        raise InputError(
            f"{path}: {error!s:.80}; expected a whole PNG, JPEG or BMP picture of {width} x "
            f"{height} pixels with 8 bits a channel: resize one with Pillow's "
            f"ImageOps.fit(image, ({width}, {height}))"
        ) from None
