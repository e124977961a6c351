"""A source that is a folder of pictures: a folder for each class, and perhaps `test/`."""

import re
from collections.abc import Sequence
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pandas as pd

from stages.formats.pictures import OTHERS, SUFFIXES, measure, read_picture
from stages.formats.prepared import Shape, write_array
from stages.formats.task import Task
from stages.harness.errors import InputError
from stages.harness.params import Data
from stages.harness.progress import Progress
from stages.harness.section import MOST_SIDE, check

TRAIN, TEST = "train", "test"  # `test` has the pictures to predict
FIX = ": expected a folder for each class in it; test is none"
ODD = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # what no table can hold


def fetch(source: Path, raw: Path, settings: Data) -> Task:
    """Writes the labelled pictures, and those of `test` if there are any, to `raw`.

    The classes are the folders of `source`, or of its folder `train`, in the order of their names.
    Each of the two parts has an array of images, one of labels and a table of files. The shape is
    `settings.size` or that of the pictures, grey if all are. An InputError names what is wrong.
    """
    folders = {path.name for path in source.glob("[!.]*/")}
    lower = {name.lower() for name in folders}
    if lower & {TRAIN, TEST} - folders or (TRAIN in folders and lower & {"val", "valid"}):
        fix = "expected the classes, or train and test: put val into train, which split divides"
        raise InputError(f"{source}: folders {', '.join(sorted(folders))}; {fix}")
    root = source / TRAIN if folders <= {TRAIN, TEST} else source
    train, test = list_pictures(source, root), list_pictures(source, source / TEST)
    train = train[~train["file"].isin(test["file"])]
    classes = train["class"].unique().tolist()
    if not test["class"].any():  # pictures without a label
        test = test.drop(columns="class")
    listed = pd.concat([train, test]).dropna(subset="class")
    for file in listed["file"][(listed["class"] == "") | ~listed["class"].isin(classes)]:
        raise InputError(f"{source / file}: in no folder of a labelled class; move or remove it")
    for folder in root.glob("[!.]*/"):
        if normalize("NFC", folder.name) not in (*classes, TEST):
            raise InputError(f"{folder}: no pictures in it, or a link to another folder; remove it")
    if settings.groups:
        train["group"] = [find_group(file, settings.groups) for file in train["file"]]
    alone = train["group"] == ""
    train["group"] = train["group"].mask(alone, train["file"])
    files = [source / file for file in (*train["file"], *test["file"])]
    task = check(Task, {"shape": find_shape(files, settings.size), "classes": classes}, root, FIX)
    for name, part in ((TRAIN, train), (TEST, test.drop(columns="group"))):
        with Progress(part["file"], unit=" pictures", delay=1) as bar:
            images = (read_picture(source / file, task.shape)[None] for file in bar)
            write_array(raw / f"{name}.npy", images, task.shape, np.uint8)
        labels = part.filter(["class"]).map(classes.index)
        np.save(raw / f"{name}_labels.npy", labels.to_numpy(np.min_scalar_type(len(classes) - 1)))
        table = part.filter(["file"] if alone.all() else ["file", "group"])
        table.to_csv(raw / f"{name}_files.csv", index=False, lineterminator="\n")
    return task


def list_pictures(source: Path, root: Path) -> pd.DataFrame:
    """Lists the pictures below `root`, in order; hidden ones and other files are skipped.

    Returns:
        file, its path in `source`; class, its folder in `root`; group, its folder in that; "" if
        there is no such folder.
    """
    rows = []
    files = [(normalize("NFC", str(path.relative_to(root))), path) for path in root.rglob("*")]
    for place, path in sorted(files, key=lambda file: Path(file[0])):
        *folders, name = Path(place).parts
        hidden = any(part[0] == "." for part in (*folders, name))
        if path.is_file() and not hidden and path.suffix.lower() in (*SUFFIXES, *OTHERS):
            file = path.relative_to(source).as_posix()
            if ODD.search(file):
                raise InputError(f"{file!r}: a name that no table can hold; rename it")
            rows.append((file, *(*folders, "", "")[:2]))
    return pd.DataFrame(rows, columns=["file", "class", "group"])


def find_group(file: str, pattern: re.Pattern[str]) -> str:
    """Returns what the pattern, or its first group, matches in the path of a picture."""
    match = pattern.search(file)
    if not match or not (group := match[min(pattern.groups, 1)]):
        raise InputError(f"{file}: data.groups, {pattern.pattern}, does not match; correct it")
    return str(group)


def find_shape(files: Sequence[Path], size: Sequence[int] | None) -> Shape:
    """Returns height, width and channels of the pictures; raises an InputError if they differ."""
    shapes = [measure(file) for file in files]
    sizes = {shape[:2]: file for shape, file in zip(shapes, files, strict=True)}
    if size is None and (len(sizes) > 1 or max(map(max, sizes), default=0) > MOST_SIDE):
        shown = [f"{file} has {w} x {h} pixels" for (h, w), file in [*sizes.items()][:2]]
        fix = "set the height and width that all are stretched to, as in -S 'data.size=[64,64]'"
        expected = f"expected one size, of at most {MOST_SIDE} a side"
        raise InputError(f"{' and '.join(shown)}; {expected}: {fix}")
    height, width = size or next(iter(sizes), (2, 2))  # of none, `Task` refuses the classes
    return height, width, max((channels for *_, channels in shapes), default=1)
