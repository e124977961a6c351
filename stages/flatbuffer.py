"""Checks a LiteRT flatbuffer before LiteRT sees it, whose native code trusts what it is given.

What may pass is a chain of a few operators, each with the arrays that it needs, in shapes that
fit: what `training.Network` writes, and no more. To use another Keras layer, add its operator.
"""

import math
import re
import struct
from collections.abc import Collection
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from stages.operators import OPERATORS, Array, Operator, Options, blank

MOST_PARTS = 4096  # tensors, operators, buffers: as many as nobody needs
MOST_VALUES = 50_000_000  # in all arrays for one image, which is 200 MB
DTYPES = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.INT32: np.int32}
METADATA = {b"min_runtime_version", b"CONVERSION_METADATA"}
NOT_READABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, struct.error)


def check(content: bytes, image: tuple[int, ...], result: int) -> int:
    """Checks that LiteRT can run a flatbuffer on any number of images.

    Args:
        image: the shape of one image.
        result: how many numbers come out for each.

    Returns:
        How many values all arrays hold together for one image.

    Raises:
        ValueError: it has anything that is not listed here, or shapes that do not fit.
    """
    try:
        if not schema.Model.ModelBufferHasIdentifier(content, 0):
            raise ValueError("no LiteRT flatbuffer")
        model = schema.Model.GetRootAs(content, 0)
        graph = _only_graph(model)
        # Each length is a fixed part and a multiple of the number of images: what fits for
        # one and for two fits for all.
        sizes = [_run(model, graph, (count, *image), (count, result)) for count in (1, 2)]
    except NOT_READABLE as error:
        raise ValueError(f"{error}" or type(error).__name__) from None
    return sizes[0]


def _only_graph(model: Any) -> Any:
    _only(model, {0, 1, 2, 3, 4, 6, 7}, "model")
    counts = [model.OperatorCodesLength(), model.BuffersLength(), model.MetadataLength()]
    if model.SubgraphsLength() != 1 or max(counts) > MOST_PARTS:
        raise ValueError(f"{model.SubgraphsLength()} graphs, {counts} parts; expected one graph")
    for i in range(model.BuffersLength()):
        _only(model.Buffers(i), {0}, f"buffer {i}")
    for i in range(model.MetadataLength()):
        entry = model.Metadata(i)
        if entry.Name() not in METADATA or entry.Buffer() >= model.BuffersLength():
            raise ValueError(f"metadata {i} is not known")
    graph = model.Subgraphs(0)
    _only(graph, {0, 1, 2, 3, 4}, "graph")
    if max(graph.TensorsLength(), graph.OperatorsLength()) > MOST_PARTS:
        raise ValueError(f"more than {MOST_PARTS} tensors or operators")
    for i in range(model.SignatureDefsLength()):
        _check_signature(model.SignatureDefs(i), graph.TensorsLength())
    return graph


def _check_signature(signature: Any, tensors: int) -> None:
    _only(signature, {0, 1, 2}, "signature")
    if signature.InputsLength() != 1 or signature.OutputsLength() != 1:
        raise ValueError("a signature with more than one input or output")
    for named in (signature.Inputs(0), signature.Outputs(0)):
        if named.TensorIndex() >= tensors:
            raise ValueError(f"a signature for tensor {named.TensorIndex()} of {tensors}")


def _only(table: Any, fields: Collection[int], what: str) -> None:
    """Refuses a table where any other field is present than those with these numbers."""
    tab = table._tab
    start = tab.Pos - struct.unpack_from("<i", tab.Bytes, tab.Pos)[0]
    (size,) = struct.unpack_from("<H", tab.Bytes, start)
    present = {i for i in range((size - 4) // 2) if tab.Offset(4 + 2 * i)}
    if not present <= set(fields):
        raise ValueError(f"{what}: field {min(present - set(fields))} is not expected")


def _run(model: Any, graph: Any, images: tuple[int, ...], result: tuple[int, ...]) -> int:
    """Follows the shapes through the graph; returns how many values all arrays hold together."""
    if graph.InputsLength() != 1 or graph.OutputsLength() != 1:
        raise ValueError(f"{graph.InputsLength()} inputs, {graph.OutputsLength()} outputs")
    arrays = {i: _constant(model, graph.Tensors(i), i) for i in range(graph.TensorsLength())}
    known = {i: array for i, array in arrays.items() if array is not None}
    if graph.Inputs(0) in known:
        raise ValueError("the input is a constant")
    known[graph.Inputs(0)] = blank(images)
    for i in range(graph.OperatorsLength()):
        operator = graph.Operators(i)
        found = _apply(model, operator, known, f"operator {i}")
        index = operator.Outputs(0)
        if index in known or index not in arrays:
            raise ValueError(f"operator {i}: writes tensor {index} again")
        if found.dtype != DTYPES[graph.Tensors(index).Type()] or found.size == 0:
            raise ValueError(f"operator {i}: gives {found.dtype} {found.shape}")
        known[index] = found
    if set(known) != set(arrays) or known[graph.Outputs(0)].shape != result:
        raise ValueError(f"does not take {images} and give {result}")
    for i, array in known.items():
        if not _declared(graph.Tensors(i), array.shape):
            raise ValueError(f"tensor {i}: says {_shape(graph.Tensors(i))}, is {array.shape}")
    total = sum(array.size for array in known.values())
    if total > MOST_VALUES * images[0]:
        raise ValueError(f"{total:,} values; expected at most {MOST_VALUES:,}")
    return total


def _constant(model: Any, tensor: Any, index: int) -> Array | None:
    """Reads what a tensor holds from the start, if anything."""
    _only(tensor, {0, 1, 2, 3, 4, 7, 8}, f"tensor {index}")
    if tensor.Quantization():
        _only(tensor.Quantization(), (), f"tensor {index}, quantization")
    (tensor.Name() or b"").decode()
    buffer = model.Buffers(tensor.Buffer()) if tensor.Buffer() < model.BuffersLength() else None
    if buffer is None:
        raise ValueError(f"tensor {index}: no buffer {tensor.Buffer()}")
    dtype, shape = np.dtype(DTYPES[tensor.Type()]), _shape(tensor)
    if buffer.DataLength() == 0:
        return None
    if buffer.DataLength() != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"tensor {index}: {buffer.DataLength()} bytes for {dtype} {shape}")
    return buffer.DataAsNumpy().view(dtype).reshape(shape) if dtype == np.int32 else blank(shape)


def _declared(tensor: Any, shape: tuple[int, ...]) -> bool:
    """Whether a tensor says that it has this shape; -1, or 1 beside it, for as many as asked."""
    said = _shape(tensor)
    signature = [tensor.ShapeSignature(i) for i in range(tensor.ShapeSignatureLength())] or said
    triples = zip(said, signature, shape, strict=True)
    return all((one, many) == (1, -1) or one == many == is_ for one, many, is_ in triples)


def _shape(tensor: Any) -> tuple[int, ...]:
    if tensor.ShapeLength() > 4:
        raise ValueError(f"{tensor.ShapeLength()} dimensions; expected at most 4")
    shape = tuple(tensor.Shape(i) for i in range(tensor.ShapeLength()))
    if min(shape, default=1) < 1:
        raise ValueError(f"shape {shape}; expected numbers above 0")
    return shape


def _apply(model: Any, operator: Any, known: dict[int, Array], where: str) -> Array:
    """Gives what an operator makes of its inputs."""
    if operator.OpcodeIndex() >= model.OperatorCodesLength():
        raise ValueError(f"{where}: no such code")
    code = model.OperatorCodes(operator.OpcodeIndex())
    _only(code, {0, 3}, f"{where}, code")
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())  # as LiteRT reads them
    if number not in OPERATORS:
        raise ValueError(f"{where}: code {number} is not in stages/operators.py")
    kind = OPERATORS[number]
    _only(operator, {0, 1, 2, 3, 4}, where)
    if operator.OutputsLength() != 1 or operator.InputsLength() > 16:
        raise ValueError(f"{where}: {operator.InputsLength()} inputs or not one output")
    indices = [operator.Inputs(i) for i in range(operator.InputsLength())]
    if indices[-1:] == [-1]:
        indices.pop()  # a bias of zeros, which the converter leaves out
    if not set(indices) <= set(known):
        raise ValueError(f"{where}: reads tensors {indices}, not all of them written")
    inputs = [known[index] for index in indices]
    types = "".join(array.dtype.kind for array in inputs)
    if not re.fullmatch(kind.types, types):
        raise ValueError(f"{where}: inputs of type {types}; expected {kind.types}")
    return kind.apply(inputs, _options(operator, kind, where))


def _options(operator: Any, kind: Operator, where: str) -> Options:
    name = kind.options
    if operator.BuiltinOptionsType() != (getattr(schema.BuiltinOptions, name) if name else 0):
        raise ValueError(f"{where}: options of another operator")
    if not name:
        return ()
    options = getattr(schema, name)()
    options.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
    _only(options, range(len(kind.fields)), f"{where}, options")
    return tuple(getattr(options, field)() for field in kind.fields)
