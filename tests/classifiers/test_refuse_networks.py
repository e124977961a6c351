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

from stages.formats.task import DIGITS, write_task
from stages.harness import paths
from tests.support.samples import MODEL, NETWORK, WEIGHTS, save_array, sign
from tests.support.workplace import Workplace

Edit = Callable[[Any], object]


@pytest.fixture
def place(in_tmp: Path, networks: Path, capfd: pytest.CaptureFixture[str]) -> Workplace:
    """A folder where `predict` can run, with a network; `capfd` also sees native code's lines."""
    for folder in (paths.PREPARED, MODEL):
        folder.mkdir(parents=True)
    write_task(paths.PREPARED, DIGITS)
    save_array(paths.TEST_IMAGES, np.zeros((20, 28, 28, 1), np.float32))
    WEIGHTS.write_bytes(b"no weights: only Keras would read them")
    save((networks / "cnn" / NETWORK.name).read_bytes())
    return Workplace(in_tmp, capfd)


def save(content: bytes) -> None:
    NETWORK.write_bytes(content)
    sign("mlp")


def rebuild(edit: Edit) -> bytes:
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(NETWORK.read_bytes(), 0))
    edit(model)
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def find_operator(model: Any, name: str) -> Any:
    code = getattr(schema.BuiltinOperator, name)
    codes = [operator.builtinCode for operator in model.operatorCodes]
    return next(o for o in model.subgraphs[0].operators if codes[o.opcodeIndex] == code)


def with_two_inputs(model: Any) -> None:
    model.subgraphs[0].inputs = [0, 0]


def with_another_axis(model: Any) -> None:
    find_operator(model, "CONCATENATION").builtinOptions.axis = 1


def with_nan(model: Any) -> None:
    weights = find_operator(model, "FULLY_CONNECTED").inputs[1]
    buffer = model.buffers[model.subgraphs[0].tensors[weights].buffer]
    buffer.data = np.full(len(buffer.data) // 4, np.nan, np.float32).view(np.uint8)


def test_the_good_one_is_accepted_when_it_is_built_anew(place: Workplace) -> None:
    save(rebuild(lambda model: None))
    assert place.run("predict") == (0, "")


EDITS: dict[Edit, str] = {
    with_two_inputs: "not a LiteRT model: its input and output are [",
    with_another_axis: "failed to invoke",
    with_nan: "its output is not probabilities",
}


@pytest.mark.parametrize(("edit", "expected"), EDITS.items())
def test_a_bad_network_is_refused(place: Workplace, edit: Edit, expected: str) -> None:
    save(rebuild(edit))
    place.refuses("predict", f"error: {MODEL}", expected, "; train again")


@pytest.mark.parametrize("share", [0, 0.5])
def test_a_file_that_is_cut_short_is_refused(place: Workplace, share: float) -> None:
    content = NETWORK.read_bytes()
    save(content[: int(share * len(content))])
    place.refuses("predict", f"error: {NETWORK}: not a LiteRT model", "train again")
