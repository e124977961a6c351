"""A LiteRT network as a list of operations that the page can run, and its weights."""

import base64
from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from stages.formats.task import DIGITS
from stages.harness.errors import InputError, hold_native_log
from tools.draw.operations import Array, Json, Operation, translate

NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items()}
LAYERS = ("CONV_2D", "FULLY_CONNECTED")
HINT = "train another network, or add it to operations.py and templates/network.js in tools/draw"


def read_graph(path: Path) -> Json:
    """Reads a network that `saved.load` accepts, so that `templates/network.js` can run it.

    LiteRT has made batch normalisation a part of the convolutions, and the shifted copies of an
    image the rows of one batch.

    Returns:
        `operations` in their order, each with its `name`, the tensors that it reads (`from`) and
        writes (`to`), and its options; the `shapes` of all these tensors; `starts`, where in
        `weights` (base64 of float32) a trained tensor starts; the tensors `input` and `output`;
        `copies` and `votes`, the shifted copies and the probabilities of each, or null.

    Raises:
        InputError: the page cannot run one of the operations.
    """
    content = path.read_bytes()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content))
    graph = model.subgraphs[0]
    tensors = _run(content, len(graph.tensors))
    operations = []
    for node in graph.operators:
        inputs, to = [int(i) for i in node.inputs if i >= 0], int(node.outputs[0])
        if tensors[to].dtype == np.int32:
            continue  # it computes a shape, which is known
        code = model.operatorCodes[node.opcodeIndex]
        name = NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]
        values = [tensors[i] for i in inputs]
        try:
            options = translate(Operation(name, node.builtinOptions, values, tensors[to]))
        except ValueError as error:
            raise InputError(f"{path}: the page cannot run {error}; {HINT}") from None
        read = [i for i in inputs if tensors[i].dtype == np.float32]
        operations.append({"name": name, "from": read, "to": to, **options})
    source, output = int(graph.inputs[0]), int(graph.outputs[0])
    copies, packed = _find_copies(operations, tensors), _pack(operations, tensors, source)
    return {"operations": operations, "input": source, "output": output, **copies, **packed}


def _run(content: bytes, count: int) -> list[Array]:
    """Runs a network on an empty image; returns its `count` tensors, trained ones and results."""
    with hold_native_log():
        interpreter = Interpreter(
            model_content=content,
            num_threads=1,
            # Others merge operations, and then not all tensors are computed.
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            experimental_preserve_all_tensors=True,
        )
        interpreter.allocate_tensors()
        image = np.zeros((1, *DIGITS.shape), np.float32)
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
        interpreter.invoke()
        return [interpreter.get_tensor(i) for i in range(count)]


def _find_copies(operations: list[Json], tensors: list[Array]) -> Json:
    """Finds the shifted copies, and their probabilities if the last operation is their mean."""
    name, votes = operations[-1]["name"], operations[-1]["from"][0]
    shape = (len(tensors[votes]), *DIGITS.shape)
    copies = [each["to"] for each in operations if tensors[each["to"]].shape == shape]
    if name != "MEAN" or tensors[votes].shape != (shape[0], 1, 10) or not copies:
        return {"copies": None, "votes": None}
    return {"copies": copies[0], "votes": votes}


def _pack(operations: list[Json], tensors: list[Array], source: int) -> Json:
    """Returns the tensors' shapes, and the trained ones' values one after the other.

    The outputs of a layer become the last axis of its weights: the page multiplies row by row.
    """
    computed = {source, *(each["to"] for each in operations)}
    read = {i for each in operations for i in each["from"]}
    trained = sorted(read - computed)
    layers = {each["from"][1] for each in operations if each["name"] in LAYERS}
    values = [np.moveaxis(tensors[i], 0, -1) if i in layers else tensors[i] for i in trained]
    starts = np.cumsum([0, *(each.size for each in values)]).tolist()
    weights = np.concatenate([each.ravel() for each in values]).astype("<f4").tobytes()
    return {
        "shapes": {i: tensors[i].shape for i in sorted(computed | read)},
        "starts": dict(zip(trained, starts, strict=False)),
        "weights": base64.b64encode(weights).decode(),
    }
