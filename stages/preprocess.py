"""Turns what `fetch` wrote into arrays of images, each pixel in [0, 1]; says what is strange."""

import math
import shutil
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.formats.competition import CHUNK_PIXELS, GROUP, Chunk, read_chunks, split_cells
from stages.formats.prepared import Images, Labels, Rows, open_array, to_images, write_array
from stages.formats.task import DIGITS, Task, read_task, write_task
from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.outputs import check_sum, new_folder, write_sums

LOOK = "brightest pixel {:.0f}, mean {:.0f}, mean at the border {:.0f}"  # 0 to 255


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


def convert(part: str, task: Task, folder: Path) -> tuple[npt.NDArray[np.uint64], Labels]:
    """Writes the images of a part to `folder`: float32 (n, *shape) in [0, 1]; few are in memory.

    Returns:
        A digest of each image, (n,): those of equal images are equal, and of others once in 2**64.
        And the labels, (n, 1) or (n, 0).

    Raises what `check_sum` and `read_chunks` raise.
    """
    digests, labels = [np.empty(0, np.uint64)], []

    def read_images() -> Iterator[Images]:
        for pixels, known in read_part(part, task):
            hashes = (blake2b(row, digest_size=8).digest() for row in np.ascontiguousarray(pixels))
            digests.append(np.frombuffer(b"".join(hashes), np.uint64))
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


def look_at(images: Images) -> tuple[float, float, float]:
    """Returns the numbers of `LOOK`, of about a thousand digits: float32 (n, *shape) in [0, 1]."""
    seen = 255 * images[:: images.size // 784_000 + 1]
    border = np.ones(seen.shape[1:], bool)
    border[1:-1, 1:-1] = False
    return float(seen.max()), float(seen.mean()), float(seen[:, border].mean())


def find_first(*keys: npt.NDArray[Any]) -> Rows:
    """Finds the first row of each row's group: int64 (n,), mostly the row itself.

    Rows that agree in one of the keys, each (n,), are in one group, and so are those that are
    connected by others.
    """
    firsts = []
    for key in keys:
        _, places, inverse = np.unique(key, return_index=True, return_inverse=True)
        firsts.append(places[inverse])
    if len(keys) == 1:
        return firsts[0]
    from scipy.sparse import coo_array  # a tenth of a second to import
    from scipy.sparse.csgraph import connected_components

    count = len(keys[0])
    ends = np.tile(np.arange(count), len(keys)), np.concatenate(firsts)
    links = coo_array((np.ones(len(ends[0])), ends), (count, count))
    return find_first(connected_components(links, directed=False)[1])


def describe_equal(firsts: Rows, labels: Labels, shared: int) -> Iterator[str]:
    """Yields lines that say how many images are equal; none if no two are.

    `firsts` has the first image that is equal, for each labelled one; `shared` test images are
    equal to a labelled one.
    """
    equal = np.flatnonzero(firsts < np.arange(len(firsts)))
    if len(equal):
        other = np.count_nonzero(labels[equal] != labels[firsts[equal]])
        line = f"{len(equal):,} labelled images equal an earlier one, {other:,} of them with "
        yield f"{line}another label; equal images stay on one side of the split"
    if shared:
        yield f"{shared:,} test images equal a labelled one: their score would be too high"


def describe_look(images: Mapping[str, Images], *, are_digits: bool) -> Iterator[str]:
    """Yields a line if digits are unlike MNIST's, and one if labelled and test images differ."""
    looks = {which: look_at(array) for which, array in images.items() if len(array)}
    said = {which: f"{which} images: {LOOK.format(*look)}" for which, look in looks.items()}
    for which, (brightest, _, border) in looks.items():
        line = f"{said[which]}; MNIST's digits are white on black, from 0 to 255"
        if are_digits and border > 127:
            yield f"{line}: replace each pixel p by 255 - p"
        elif are_digits and brightest < 128:
            yield f"{line}: make the brightest pixel 255"
    levels, means, _ = zip(*looks.values(), strict=True)
    if max(levels) > 2 * min(levels) or max(means) - min(means) > 64:
        advice = "make them alike, or the test images are predicted wrong"
        yield f"{'; '.join(said.values())}: {advice}"


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
        equal = find_first(digests)
        groups = find_first(equal, *read_group_names(len(digests)))
        if (groups < np.arange(len(groups))).any():
            np.save(folder / paths.GROUPS.name, groups)
        images = {"labelled": paths.TRAIN_IMAGES, "test": paths.TEST_IMAGES}
        shown = {part: np.load(folder / path.name, mmap_mode="r") for part, path in images.items()}
        shared = int(np.isin(test_digests, digests).sum())
        warnings = [*describe_equal(equal, labels[:, 0], shared)]
        warnings += describe_look(shown, are_digits=task.classes == DIGITS.classes)
        if warnings:
            text = "\n".join(warnings) + "\n"
            (folder / paths.DATA_WARNINGS.name).write_text(text, encoding="utf-8", newline="\n")
        write_sums(folder)
    for line in warnings:
        print(f"warning: {line}")
    print(f"{len(digests):,} labelled and {len(test_digests):,} test images")


if __name__ == "__main__":
    run(main)
