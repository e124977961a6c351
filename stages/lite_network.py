"""A trained network as a LiteRT flatbuffer: weights and arithmetic, no code of its own.

LiteRT's native code trusts its file: a changed one can crash it, or ask for any amount of memory.
So it runs in a process of its own, which shares the memory that the probabilities go to, and
nothing else.
"""

import faulthandler
import mmap
import multiprocessing
import os
import resource
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from stages.dataset import CLASSES, SIDE, Images
from stages.errors import InputError
from stages.progress import Progress

Probabilities = npt.NDArray[np.float32]

FLATBUFFER = "model.tflite"
WEIGHTS = "model.weights.h5"
BATCH = 500
MEMORY = 8 << 30  # bytes of addresses that the process may use
PATIENCE = 60.0  # seconds for a batch
STOPS = (signal.SIGINT, signal.SIGTERM)


class LiteNetwork:
    """See `classifier.Classifier`."""

    FILES: ClassVar[tuple[str, ...]] = (FLATBUFFER, WEIGHTS)

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Finds what `Network.save` wrote; it is read when it is asked to predict."""
        return cls(folder / FLATBUFFER)

    def predict_proba(self, images: Images) -> Probabilities:
        """See `classifier.Classifier`.

        Raises:
            InputError: not a LiteRT model from images to probabilities, or it ends LiteRT.
        """
        shared = mmap.mmap(-1, len(images) * CLASSES * np.dtype(np.float32).itemsize)
        probabilities = np.frombuffer(shared, np.float32).reshape(len(images), CLASSES)
        context = multiprocessing.get_context("fork")
        answers, answer = context.Pipe(duplex=False)
        process = context.Process(
            target=_run, args=(self._path, images, probabilities, answer), daemon=True
        )
        # Not while the process splits in two, where Python could not handle them.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        answer.close()
        try:
            with Progress(len(images), "images", delay=1) as bar:
                for start in range(0, len(images), BATCH):
                    if fault := _fault(answers):
                        raise InputError(f"{self._path}: {fault}; train again")
                    bar.update(min(BATCH, len(images) - start))
        finally:
            process.kill()
            process.join()
            answers.close()
        return probabilities


def _fault(answers: Connection) -> str:
    """Waits for the next batch; says what is wrong, if anything is."""
    if not answers.poll(PATIENCE):
        return f"no answer within {PATIENCE:.0f} s"
    try:
        return answers.recv_bytes().decode()
    except EOFError:
        return "crashes LiteRT"


def _run(path: Path, images: Images, probabilities: Probabilities, answer: Connection) -> None:
    """Fills `probabilities`, and answers each batch with nothing or with what is wrong."""
    for stop in STOPS:
        signal.signal(stop, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    limit, most = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))
    faulthandler.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what native code has to say is in its errors
    try:
        _predict(path, images, probabilities, answer)
    except Exception as error:
        answer.send_bytes(f"not a LiteRT model: {' '.join(str(error).split())}".encode())
    os._exit(0)  # nothing that the parent has opened is to be flushed or closed here


def _predict(path: Path, images: Images, probabilities: Probabilities, answer: Connection) -> None:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=1)
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    found = [(d["shape_signature"].tolist(), d["dtype"].__name__) for d in (*inputs, *outputs)]
    expected = [([-1, SIDE, SIDE, 1], "float32"), ([-1, CLASSES], "float32")]
    if len(inputs) != 1 or found != expected:
        raise ValueError(f"takes and gives {found}; expected {expected}")
    for start in range(0, len(images), BATCH):
        batch = images[start : start + BATCH]
        interpreter.resize_tensor_input(inputs[0]["index"], batch.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(inputs[0]["index"], batch)
        interpreter.invoke()
        probabilities[start : start + BATCH] = interpreter.get_tensor(outputs[0]["index"])
        answer.send_bytes(b"")
