"""Bad networks in data/model, as `predict` refuses them.

Only those that LiteRT refuses with an error: others end the process, and so would end the tests.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from stages.formats.arrays import write_sums
from stages.harness import paths
from tests.support.samples import MODEL, NETWORK, PICKLE, WEIGHTS, sign
from tests.support.workplace import Workplace

Edit = Callable[[Any], object]


@pytest.fixture
def place(in_tmp: Path, networks: Path, capfd: pytest.CaptureFixture[str]) -> Workplace:
    """A folder where `predict` can run, with a network; `capfd` also sees native code's lines."""
    paths.PREPARED.mkdir(parents=True)
    MODEL.mkdir()
    np.save(paths.TEST_IMAGES, np.zeros((20, 28, 28, 1), np.float32))
    write_sums(paths.PREPARED)
    WEIGHTS.write_bytes(b"no weights: only Keras would read them")
    save((networks / "cnn" / NETWORK.name).read_bytes())
    return Workplace(in_tmp, capfd)


def save(content: bytes) -> None:
    NETWORK.write_bytes(content)
    sign("network", NETWORK, WEIGHTS)


def rebuild(edit: Edit) -> bytes:
    """Changes the saved network, and builds the flatbuffer anew."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(NETWORK.read_bytes(), 0))
    edit(model)
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def find_operator(model: Any, name: str) -> Any:
    """Returns the first operator of a name."""
    code = getattr(schema.BuiltinOperator, name)
    codes = [operator.builtinCode for operator in model.operatorCodes]
    return next(o for o in model.subgraphs[0].operators if codes[o.opcodeIndex] == code)


def find_weights(model: Any, name: str) -> Any:
    """Returns the tensor of weights of the first operator of a name."""
    return model.subgraphs[0].tensors[find_operator(model, name).inputs[1]]


def graph(**fields: Any) -> Edit:
    return lambda model: vars(model.subgraphs[0]).update(fields)


def operator(name: str, **fields: Any) -> Edit:
    return lambda model: vars(find_operator(model, name)).update(fields)


def option(name: str, **fields: Any) -> Edit:
    return lambda model: vars(find_operator(model, name).builtinOptions).update(fields)


def weights(name: str, **fields: Any) -> Edit:
    return lambda model: vars(find_weights(model, name)).update(fields)


def with_nan(model: Any) -> None:
    buffer = model.buffers[find_weights(model, "FULLY_CONNECTED").buffer]
    buffer.data = np.full(len(buffer.data) // 4, np.nan, np.float32).view(np.uint8)


def test_the_good_one_is_accepted(place: Workplace) -> None:
    """The cases below change this one, so that the change is what is refused."""
    assert place.run("predict") == (0, "")
    save(rebuild(lambda model: None))
    assert place.run("predict") == (0, "")


SHAPES = "not a LiteRT model: takes and gives ["
BAD: dict[str, tuple[Edit, str]] = {
    "two inputs": (graph(inputs=[0, 0]), SHAPES),
    "another output": (graph(outputs=[0]), SHAPES),
    "input outside": (graph(inputs=[999]), SHAPES),
    "no such code": (operator("PAD", opcodeIndex=99), "opcode_index 99"),
    "writes outside": (operator("PAD", outputs=[999]), "Invalid tensor index 999"),
    "stride 0": (option("CONV_2D", strideH=0, strideW=0), "failed to prepare"),
    "another axis": (option("CONCATENATION", axis=1), "failed to invoke"),
    "a huge shape": (weights("CONV_2D", shape=[2**31 - 1] * 4), "overflowed"),
    "not numbers": (with_nan, "gives numbers that are not probabilities"),
}


@pytest.mark.parametrize(("edit", "expected"), BAD.values(), ids=BAD)
def test_a_bad_network_is_refused(place: Workplace, edit: Edit, expected: str) -> None:
    save(rebuild(edit))
    place.refuses("predict", f"error: {MODEL}", expected, "; train again")


BYTES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda good: b"",
    "a pickle": lambda good: PICKLE,
    "cut short": lambda good: good[: len(good) // 2],
}


@pytest.mark.parametrize("spoil", BYTES.values(), ids=BYTES)
def test_what_is_no_flatbuffer_is_refused(
    place: Workplace, spoil: Callable[[bytes], bytes]
) -> None:
    save(spoil(NETWORK.read_bytes()))
    place.refuses("predict", f"error: {NETWORK}: not a LiteRT model", "train again")
    assert not Path("evil").exists()
