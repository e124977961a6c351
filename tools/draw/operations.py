"""The operations that the page can run, and what `templates/network.js` must know of each."""

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

Array = npt.NDArray[Any]
Json = dict[str, Any]

ACTIVATIONS = {code: name for name, code in vars(schema.ActivationFunctionType).items()}


class Operation(NamedTuple):
    """An operation of a LiteRT network, and its tensors after a run on one image."""

    name: str  # as in LiteRT's schema, such as "CONV_2D"
    options: Any
    inputs: list[Array]
    output: Array


def translate(operation: Operation) -> Json:
    """Returns an operation's options; raises a ValueError that names what the page cannot do."""
    name, options, inputs, output = operation
    if name not in OPERATIONS:
        raise ValueError(name)
    if any(values.dtype not in (np.float32, np.int32) for values in (*inputs, output)):
        raise ValueError(f"{name} of other numbers than float32")
    activation = ACTIVATIONS[getattr(options, "fusedActivationFunction", 0)]
    if activation not in ("NONE", "RELU"):
        raise ValueError(f"{name} with {activation}")
    read_options = OPERATIONS[name]
    return {"relu": activation == "RELU", **(read_options(operation) if read_options else {})}


def _read_convolution(operation: Operation) -> Json:
    image, weights = operation.inputs[:2]
    options = operation.options
    if (options.dilationHFactor, options.dilationWFactor) != (1, 1):
        raise ValueError(f"{operation.name} with dilation")
    if weights.shape[3] != image.shape[3]:
        raise ValueError(f"{operation.name} in groups")
    return _read_window(operation, *weights.shape[1:3])


def _read_pooling(operation: Operation) -> Json:
    return _read_window(operation, operation.options.filterHeight, operation.options.filterWidth)


def _read_window(operation: Operation, *size: int) -> Json:
    """Returns a window's size and steps, and how far the first one is outside of the image."""
    options = operation.options
    strides, before = (options.strideH, options.strideW), [0, 0]
    if options.padding == schema.Padding.SAME:
        counts, sides = operation.output.shape[1:3], operation.inputs[0].shape[1:3]
        axes = zip(counts, strides, size, sides, strict=True)
        before = [max(0, (n - 1) * step + k - side) // 2 for n, step, k, side in axes]
    return {"size": size, "strides": strides, "before": before}


def _check_shapes(operation: Operation) -> Json:
    """Checks that the smaller input's shape is the end of the larger one's: the page repeats it."""
    for values in operation.inputs:
        shape = values.shape
        while shape[:1] == (1,):
            shape = shape[1:]
        if shape != operation.output.shape[operation.output.ndim - len(shape) :]:
            raise ValueError(f"{operation.name} of shapes {[i.shape for i in operation.inputs]}")
    return {}


def _read_mean(operation: Operation) -> Json:
    """Returns how many values a mean is of, and how many lie between one and the next."""
    values, axes = operation.inputs
    first, last = (int(axis % values.ndim) for axis in (axes.min(), axes.max()))
    if last - first != axes.size - 1:
        raise ValueError(f"{operation.name} over axes {axes.tolist()}")
    return {"count": prod(values.shape[first : last + 1]), "inner": prod(values.shape[last + 1 :])}


def _read_padding(operation: Operation) -> Json:
    return {"offsets": [operation.inputs[1][:, 0].tolist()]}


def _read_slice(operation: Operation) -> Json:
    values, begin, _, strides = operation.inputs
    if operation.output.ndim != values.ndim or (strides != 1).any():
        raise ValueError(f"{operation.name} with steps or fewer axes")
    is_whole = [operation.options.beginMask >> axis & 1 for axis in range(values.ndim)]
    starts = np.where(is_whole, 0, begin % values.shape)
    return {"offsets": [(-starts).tolist()]}


def _read_concatenation(operation: Operation) -> Json:
    axes = np.eye(operation.output.ndim, dtype=int)
    ends = np.cumsum([0, *(values.shape[operation.options.axis] for values in operation.inputs)])
    return {"offsets": [(end * axes[operation.options.axis]).tolist() for end in ends[:-1]]}


OPERATIONS: dict[str, Callable[[Operation], Json] | None] = {
    "ADD": _check_shapes,
    "CONCATENATION": _read_concatenation,
    "CONV_2D": _read_convolution,
    "FULLY_CONNECTED": None,
    "MAX_POOL_2D": _read_pooling,
    "MEAN": _read_mean,
    "MUL": _check_shapes,
    "PAD": _read_padding,
    "RELU": None,
    "RESHAPE": None,
    "SOFTMAX": None,
    "STRIDED_SLICE": _read_slice,
}
