"""Turns what `fetch` wrote into arrays of images, each pixel in [0, 1]."""

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stages.formats import appearance
from stages.formats.competition import CHUNK_PIXELS, GROUP, Chunk, read_chunks, split_cells
from stages.formats.prepared import Images, Labels, open_array, to_images, write_array
from stages.formats.task import DIGITS, Task, read_task, write_task
from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.outputs import check_sum, new_folder, write_sums


def read_part(part: str, task: Task) -> Iterator[tuple[Chunk, Chunk]]:
    """Reads `train` or `test` of data/raw, a CSV file or arrays of pictures; see `read_chunks`."""
    if not (path := paths.RAW / f"{part}.npy").exists():
        check_sum(path.with_suffix(".csv"))
        yield from read_chunks(path.with_suffix(".csv"), task, print)
        return
    pixels, labels = open_array(path), open_array(paths.RAW / f"{part}_labels.npy")
    size = max(1, CHUNK_PIXELS // math.prod(task.shape))
    for start in range(0, len(pixels), size):
        yield pixels[start : start + size], labels[start : start + size]


def convert(part: str, task: Task, folder: Path) -> tuple[appearance.Digests, Labels]:
    """Writes the images of a part to `folder`: float32 (n, *shape) in [0, 1]; few are in memory.

    Returns:
        A digest of each image; equal images have equal digests. And the labels, (n, 1) or (n, 0).

    Raises what `check_sum` and `read_chunks` raise.
    """
    digests, labels = [np.empty(0, np.uint64)], []

    def read_images() -> Iterator[Images]:
        for pixels, known in read_part(part, task):
            digests.append(appearance.digest(np.ascontiguousarray(pixels)))
            labels.append(known.copy())  # a view would keep the pixels in memory
            yield to_images(pixels, task.shape)

    write_array(folder / f"{part}_images.npy", read_images(), task.shape, np.float32)
    return np.concatenate(digests), np.concatenate(labels or [np.empty((0, 0), np.uint8)])


def read_group_names(count: int) -> list[npt.NDArray[np.object_]]:
    """Reads the column `group` of the `count` labelled images; an empty list if there is none."""
    table = paths.RAW / paths.TRAIN_FILES.name
    path = table if table.exists() else paths.RAW / "train.csv"
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        if GROUP not in split_cells(file.readline().rstrip("\n")):
            return []
        import pandas as pd  # a quarter of a second to import

        file.seek(0)
        names = pd.read_csv(file, usecols=[GROUP], dtype=str, na_filter=False)[GROUP]
    if len(names) != count:
        raise InputError(f"{path}: {len(names)} cells in the column {GROUP}; expected {count}")
    return [names.where(names != "", [f"\0{row}" for row in range(count)]).to_numpy(str)]  # alone


def main() -> None:
    task = read_task(paths.RAW)
    with new_folder(paths.PREPARED) as folder:
        digests, labels = convert("train", task, folder)
        if not labels.size:
            raise InputError("data/raw/train.csv: no labels; are train.csv and test.csv swapped?")
        test_digests, test_labels = convert("test", task, folder)
        np.save(folder / paths.TRAIN_LABELS.name, labels[:, 0])
        if test_labels.size:
            np.save(folder / paths.TEST_LABELS.name, test_labels[:, 0])
        write_task(folder, task)
        for path in paths.RAW.glob("*_files.csv"):
            check_sum(path)
            shutil.copyfile(path, folder / path.name)
        equal, names = appearance.find_first(digests), read_group_names(len(digests))
        groups = appearance.find_first(equal, *names) if names else equal
        if (groups < np.arange(len(groups))).any():
            np.save(folder / paths.GROUPS.name, groups)
        images = {"labelled": paths.TRAIN_IMAGES, "test": paths.TEST_IMAGES}
        shown = {part: np.load(folder / path.name, mmap_mode="r") for part, path in images.items()}
        shared = int(np.isin(test_digests, digests).sum())
        warnings = appearance.describe_equal(equal, labels[:, 0], shared)
        warnings += appearance.describe_look(shown, are_digits=task.classes == DIGITS.classes)
        if warnings:
            text = "\n".join(warnings) + "\n"
            (folder / paths.DATA_WARNINGS.name).write_text(text, encoding="utf-8", newline="\n")
        write_sums(folder)
    for line in warnings:
        print(f"warning: {line}")
    print(f"{len(digests):,} labelled and {len(test_digests):,} test images")


if __name__ == "__main__":
    run(main)
