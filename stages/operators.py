"""What the operators of a LiteRT network do to shapes: all that `flatbuffer` must know of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

# Values of whole numbers are known; of an array of floats, all that is known is the shape.
Array = npt.NDArray[Any]
Options = tuple[Any, ...]


def blank(shape: tuple[int, ...]) -> Array:
    """An array of floats that takes no memory."""
    return np.broadcast_to(np.float32(0), shape)


def _expect(true: object, what: str) -> None:
    if not true:
        raise ValueError(what)


def _pad(inputs: list[Array], _: Options) -> Array:
    x, by = inputs
    _expect(by.shape == (x.ndim, 2) and by.min() >= 0 and by.max() <= 64, f"padded by {by}")
    return blank(tuple(x.shape + by.sum(axis=1)))


def _strided_slice(inputs: list[Array], options: Options) -> Array:
    x, begin, end, step = inputs
    from_start, to_end, ellipsis, new, single = options
    _expect(begin.shape == end.shape == step.shape and (step == 1).all(), "slices with steps")
    _expect(begin.ndim == 1 and len(begin) <= x.ndim and not ellipsis and not new, "slices")
    slices: list[int | slice] = []
    for axis, (low, high) in enumerate(zip(begin.tolist(), end.tolist(), strict=True)):
        low = 0 if from_start >> axis & 1 else low
        high = x.shape[axis] if to_end >> axis & 1 else high
        _expect(0 <= low < high <= x.shape[axis], f"slice {low}:{high} of {x.shape}")
        slices.append(low if single >> axis & 1 else slice(low, high))
    return np.asarray(x[tuple(slices)])


def _concatenation(inputs: list[Array], options: Options) -> Array:
    _expect(options == (0, 0) and len({x.shape for x in inputs}) == 1, "concatenates other shapes")
    return blank((len(inputs) * inputs[0].shape[0], *inputs[0].shape[1:]))


def _conv_2d(inputs: list[Array], options: Options) -> Array:
    x, kernel, bias = inputs
    padding, across, down, activation = options
    _expect(padding == schema.Padding.VALID and activation in (0, 1), f"options {options}")
    _expect(1 <= across == down <= 64 and x.ndim == kernel.ndim == 4, f"options {options}")
    _expect(kernel.shape[3] == x.shape[3] and bias.shape == kernel.shape[:1], "shapes that differ")
    rows, columns = ((x.shape[i] - kernel.shape[i]) // down + 1 for i in (1, 2))
    _expect(min(rows, columns) >= 1, "a kernel larger than its image")
    return blank((x.shape[0], rows, columns, len(bias)))


def _pack(inputs: list[Array], options: Options) -> Array:
    _expect(options == (len(inputs), 0) and all(x.ndim == 0 for x in inputs), "packs no numbers")
    return np.stack(inputs)


def _reshape(inputs: list[Array], _: Options) -> Array:
    x, shape = inputs
    _expect(shape.ndim == 1 and shape.min() >= -1 and shape.all(), f"reshapes to {shape}")
    return x.reshape(shape.tolist())  # no copy: all strides of a blank are 0


def _fully_connected(inputs: list[Array], options: Options) -> Array:
    x, weights, *bias = inputs
    _expect(x.ndim == weights.ndim == 2 and options[0] in (0, 1), f"options {options}")
    _expect(x.shape[1] == weights.shape[1], "shapes that differ")
    _expect(all(found.shape == weights.shape[:1] for found in bias), "shapes that differ")
    return blank((len(x), len(weights)))


def _softmax(inputs: list[Array], options: Options) -> Array:
    _expect(options == (1,) and inputs[0].ndim == 2, f"options {options}")
    return inputs[0]


def _elementwise(inputs: list[Array], options: Options) -> Array:
    x, y = inputs
    _expect(y.shape in (x.shape, ()) and options == (0,), "shapes that differ")
    return x


def _mean(inputs: list[Array], _: Options) -> Array:
    x, axis = inputs
    _expect(axis.shape == (1,) and 0 <= axis[0] < x.ndim > 1, f"mean over {axis}")
    return blank(x.shape[: axis[0]] + x.shape[axis[0] + 1 :])


def _shape_of(inputs: list[Array], options: Options) -> Array:
    _expect(options == (schema.TensorType.INT32,), f"options {options}")
    return np.array(inputs[0].shape, np.int32)


class Operator(NamedTuple):
    """What is known of one operator.

    Attributes:
        types: of its inputs, as a regular expression; `f` a float, `i` a whole number.
        options: the table that they stand in, and the `fields` of it that may be set, from the
            first.
        apply: gives the output for inputs, or raises a ValueError.
    """

    types: str
    options: str
    fields: tuple[str, ...]
    apply: Callable[[list[Array], Options], Array]


MASKS = ("BeginMask", "EndMask", "EllipsisMask", "NewAxisMask", "ShrinkAxisMask")
CONVOLUTION = ("Padding", "StrideW", "StrideH", "FusedActivationFunction")
OPERATORS = {
    getattr(schema.BuiltinOperator, name): operator
    for name, operator in {
        "ADD": Operator("ff", "AddOptions", ("FusedActivationFunction",), _elementwise),
        "CONCATENATION": Operator(
            "f+", "ConcatenationOptions", ("Axis", "FusedActivationFunction"), _concatenation
        ),
        "CONV_2D": Operator("fff", "Conv2DOptions", CONVOLUTION, _conv_2d),
        "FULLY_CONNECTED": Operator(
            "fff?", "FullyConnectedOptions", ("FusedActivationFunction",), _fully_connected
        ),
        "MEAN": Operator("fi", "ReducerOptions", (), _mean),
        "MUL": Operator("ff", "MulOptions", ("FusedActivationFunction",), _elementwise),
        "PACK": Operator("i+", "PackOptions", ("ValuesCount", "Axis"), _pack),
        "PAD": Operator("fi", "PadOptions", (), _pad),
        "RESHAPE": Operator("fi", "", (), _reshape),
        "SHAPE": Operator("f", "ShapeOptions", ("OutType",), _shape_of),
        "SOFTMAX": Operator("f", "SoftmaxOptions", ("Beta",), _softmax),
        "STRIDED_SLICE": Operator("[fi]iii", "StridedSliceOptions", MASKS, _strided_slice),
    }.items()
}
