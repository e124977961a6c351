"""A trained network as a LiteRT flatbuffer: weights and arithmetic, no Python code.

LiteRT is native code that trusts its file: a flatbuffer made to attack it can crash the stage, or
worse (see SECURITY.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path

import numpy as np

from stages.formats.prepared import Images, Probabilities, Shape, as_images
from stages.formats.task import Task
from stages.harness.errors import InputError, hold_native_log

FLATBUFFER = "model.tflite"
WEIGHTS = "model.weights.h5"


def count_batch(shape: Shape) -> int:
    """Returns how many images of a shape are used at a time: of digits 500; bounds the memory."""
    return max(1, 500 * 784 // prod(shape))


class LiteNetwork:
    """What `Ensemble.save` wrote to a folder, run by LiteRT on one thread; see `saved.Classifier`.

    Raises an InputError if the file is not a LiteRT model from images to probabilities.
    """

    def __init__(self, folder: Path, task: Task) -> None:
        from ai_edge_litert.interpreter import Interpreter  # not needed by `train`

        self.task, self._path = task, folder / FLATBUFFER
        wanted = [([-1, *task.shape], "float32"), ([-1, len(task.classes)], "float32")]
        content = self._path.read_bytes()
        with _convert_errors(self._path):
            self._interpreter = Interpreter(model_content=content, num_threads=1)
            inputs = self._interpreter.get_input_details()
            tensors = [*inputs, *self._interpreter.get_output_details()]
            signature = [(t["shape_signature"].tolist(), t["dtype"].__name__) for t in tensors]
            if len(inputs) != 1 or signature != wanted:
                raise ValueError(f"its input and output are {signature}; expected {wanted}")
        self._input, self._output = (tensor["index"] for tensor in tensors)

    def predict_proba(self, images: Images) -> Probabilities:
        """See `saved.Classifier`; also an InputError if LiteRT refuses an operation."""
        images, size = as_images(images, self.task.shape), count_batch(self.task.shape)
        parts = [np.empty((0, len(self.task.classes)), np.float32)]
        for start in range(0, len(images), size):
            batch = images[start : start + size]
            with _convert_errors(self._path):
                self._interpreter.resize_tensor_input(self._input, batch.shape)
                self._interpreter.allocate_tensors()
                self._interpreter.set_tensor(self._input, batch)
                self._interpreter.invoke()
                parts.append(self._interpreter.get_tensor(self._output))
        return np.concatenate(parts)


@contextmanager
def _convert_errors(path: Path) -> Iterator[None]:
    """Turns LiteRT's errors into one line; what it writes to stderr only repeats them."""
    try:
        with hold_native_log(shown=False):
            yield
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{path}: not a LiteRT model: {error}; train again") from None
