"""Prediction of many images, a chunk at a time: here, or each chunk as a task of a cluster.

`python -m stages.classifiers.chunks` is such a task: it predicts the images of one file.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from stages.classifiers.network import count_batch
from stages.classifiers.saved import Classifier, check_output, load
from stages.formats.prepared import ImageRows, Probabilities, Shape
from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.outputs import list_files
from stages.harness.progress import Progress
from stages.parallel import tasks
from stages.parallel.machine import count_processes

IMAGES, PROBABILITIES = "images.npy", "probabilities.npy"
TOLERANCE = 1e-3  # of a sum of probabilities


def count_chunk(shape: Shape) -> int:
    """Returns how many images of a shape a task of a cluster predicts: of digits 5,000."""
    return 10 * count_batch(shape)


def predict(folder: Path, images: ImageRows) -> Probabilities:
    """Loads a saved classifier and predicts probabilities; see `load` and `predict_proba`.

    It raises an InputError also if its output is not probabilities, or the cluster fails.
    """
    classifier = load(folder)
    if tasks.address() and len(images) > count_chunk(classifier.task.shape):
        probabilities = _predict_on_cluster(folder, classifier, images)
    else:
        probabilities = predict_chunks(classifier, images)
    sums_to_1 = np.allclose(probabilities.sum(axis=1), 1, rtol=0, atol=TOLERANCE)  # not with NaN
    if not sums_to_1 or probabilities.min(initial=0) < 0:
        raise InputError(f"{folder}: its output is not probabilities; train again")
    return probabilities


def predict_chunks(classifier: Classifier, images: ImageRows) -> Probabilities:
    """Predicts `count_batch` images at a time on each core, so that no more are in memory."""
    size, count = count_batch(classifier.task.shape), len(images)
    probabilities = np.empty((count, len(classifier.task.classes)), np.float32)

    def predict_from(start: int) -> int:
        chunk = images[start : start + size]
        with np.errstate(all="ignore"):  # an overflow shows in the result, which is checked
            part = check_output(classifier.predict_proba(chunk), classifier, len(chunk))
        probabilities[start : start + size] = part
        return len(chunk)

    cores = count_processes() if count > size else 1  # one picture waits for no import
    with Progress(total=count, unit=" images", delay=1) as bar, ThreadPoolExecutor(cores) as pool:
        for done in pool.map(predict_from, range(0, count, size)):
            bar.update(done)
    return probabilities


def _predict_on_cluster(folder: Path, classifier: Classifier, images: ImageRows) -> Probabilities:
    """Returns the same as `predict_chunks`, to the bit: the chunks are the same."""
    size = count_chunk(classifier.task.shape)
    starts = range(0, len(images), size)
    files = list_files(folder)
    model = {(paths.MODEL / file.relative_to(folder)).as_posix(): file for file in files}

    def make_task(start: int) -> tasks.Task:
        file = io.BytesIO()
        np.save(file, images[start : start + size])
        inputs = model | {IMAGES: file.getvalue()}
        name = f"images from {start + 1}"
        return tasks.Task(name, "stages.classifiers.chunks", (), inputs, (PROBABILITIES,))

    results = tasks.run_tasks(map(make_task, starts), total=len(starts), unit="chunks")
    parts = [np.load(io.BytesIO(it[PROBABILITIES]), allow_pickle=False) for it in results]
    return check_output(np.concatenate(parts), classifier, len(images))


def main() -> None:
    images = np.load(IMAGES, allow_pickle=False)
    np.save(PROBABILITIES, predict_chunks(load(paths.MODEL), images))


if __name__ == "__main__":
    run(main)
