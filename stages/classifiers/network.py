"""A trained network as a LiteRT flatbuffer: weights and arithmetic, no Python code.

LiteRT is native code that trusts its file: a flatbuffer made to attack it can crash the stage, or
worse (see SECURITY.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from threading import local
from typing import Any

import numpy as np

from stages.formats.prepared import Images, Probabilities, Shape, as_images
from stages.formats.task import Task
from stages.harness.errors import InputError, hold_native_log

FLATBUFFER = "model.tflite"
WEIGHTS = "model.weights.h5"
OWN = local()  # each thread has one interpreter, because each holds much memory


def count_batch(shape: Shape) -> int:
    """Returns how many images of a shape are used at a time: of digits 500; bounds the memory."""
    return max(1, 500 * 784 // prod(shape))


class LiteNetwork:
    """What `Ensemble.save` wrote to a folder, run by LiteRT on one thread; see `saved.Classifier`.

    Several threads of Python can predict at the same time.

    Raises an InputError if the file is not a LiteRT model from images to probabilities.
    """

    def __init__(self, folder: Path, task: Task) -> None:
        self.task, self._path = task, folder / FLATBUFFER
        self._content = self._path.read_bytes()
        wanted = [([-1, *task.shape], "float32"), ([-1, len(task.classes)], "float32")]
        with _convert_errors(self._path), hold_native_log(shown=False):
            interpreter = self._start()
            tensors = [*interpreter.get_input_details(), *interpreter.get_output_details()]
            signature = [(t["shape_signature"].tolist(), t["dtype"].__name__) for t in tensors]
            if signature != wanted:
                raise ValueError(f"its input and output are {signature}; expected {wanted}")
            self._input, self._output = (tensor["index"] for tensor in tensors)
            self._invoke(np.zeros((1, *task.shape), np.float32))  # what fails, fails here

    def _start(self) -> Any:
        from ai_edge_litert.interpreter import Interpreter  # not needed by `train`

        if getattr(OWN, "network", None) is not self:
            OWN.interpreter = Interpreter(model_content=self._content, num_threads=1)
            OWN.network = self
        return OWN.interpreter

    def _invoke(self, batch: Images) -> Any:
        interpreter = self._start()
        interpreter.resize_tensor_input(self._input, batch.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(self._input, batch)
        interpreter.invoke()
        return interpreter.get_tensor(self._output)

    def predict_proba(self, images: Images) -> Probabilities:
        """See `saved.Classifier`; also an InputError if LiteRT refuses an operation."""
        images = as_images(images, self.task.shape)
        size = max(1, count_batch(self.task.shape) // 10)  # its layers' outputs take much more
        parts = [np.empty((0, len(self.task.classes)), np.float32)]
        with _convert_errors(self._path):
            parts += [self._invoke(images[i : i + size]) for i in range(0, len(images), size)]
        return np.concatenate(parts)


@contextmanager
def _convert_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{path}: not a LiteRT model: {error}; train again") from None
