"""Bad networks in data/model, as `predict` refuses them: none reaches LiteRT's native code."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from stages import flatbuffer
from tests.conftest import Run
from tests.refusal import Workplace
from tests.test_refuse_classifiers import PICKLE, sign

MODEL = Path("data/model")
NETWORK, WEIGHTS = MODEL / "model.tflite", MODEL / "model.weights.h5"

NO_NETWORK = f"error: {NETWORK}: not a network of this project: "

Edit = Callable[[Any], object]


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained and small ones, as `train` saves them: mlp.tflite and cnn.tflite."""
    from stages.networks import new_cnn, new_mlp

    common = {"learning_rate": 0.01, "batch_size": 32, "epochs": 1, "threads": 1, "seed": 0}
    drawn = {"rotation": 0.0, "shift": 0.0, "zoom": 0.0, "shear": 0.0}
    own = {"weight_decay": 0.0, "label_smoothing": 0.0, "members": 2, "views": 3}
    made = {
        "mlp": new_mlp(hidden_units=[2], **common),  # type: ignore[arg-type]
        "cnn": new_cnn(filters=[2, 2, 2], augmentation=drawn, **common, **own),  # type: ignore[arg-type]
    }
    folder = tmp_path_factory.mktemp("networks")
    for name, network in made.items():
        saved = tmp_path_factory.mktemp(name)
        network.save(saved)
        shutil.copy(saved / "model.tflite", folder / f"{name}.tflite")
    return folder


@pytest.fixture
def place(in_tmp: Path, networks: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """A folder where `predict` can run, with a network."""
    (in_tmp / "data" / "prepared").mkdir(parents=True)
    MODEL.mkdir()
    np.save("data/prepared/test_images.npy", np.zeros((20, 28, 28, 1), np.float32))
    WEIGHTS.write_bytes(b"garbage, which only Keras would read")
    save((networks / "cnn.tflite").read_bytes())
    return Workplace(in_tmp, capsys)


def save(content: bytes) -> None:
    NETWORK.write_bytes(content)
    sign("network", NETWORK, WEIGHTS)


def test_the_good_one_is_accepted(place: Workplace) -> None:
    """So that what the cases change is what is refused; the Keras weights are not read."""
    assert place.run("predict") == (0, "")
    save(changed(lambda model: None))
    assert place.run("predict") == (0, "")


def changed(edit: Edit) -> bytes:
    """Changes the network that is saved, and builds the flatbuffer anew."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(NETWORK.read_bytes(), 0))
    edit(model)
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def graph(**fields: Any) -> Edit:
    return lambda model: vars(model.subgraphs[0]).update(fields)


def operator(name: str, **fields: Any) -> Edit:
    """Changes the first operator of a name."""
    return lambda model: vars(_operator(model, name)).update(fields)


def option(name: str, **fields: Any) -> Edit:
    return lambda model: vars(_operator(model, name).builtinOptions).update(fields)


def tensor(name: str, place: int, **fields: Any) -> Edit:
    """Changes one input of the first operator of a name."""
    return lambda model: vars(_input(model, name, place)).update(fields)


def content(name: str, place: int, values: Any) -> Edit:
    def edit(model: Any) -> None:
        data = np.frombuffer(np.asarray(values).tobytes(), np.uint8)
        model.buffers[_input(model, name, place).buffer].data = data

    return edit


def _operator(model: Any, name: str) -> Any:
    code = getattr(schema.BuiltinOperator, name)
    codes = [found.builtinCode for found in model.operatorCodes]
    return next(o for o in model.subgraphs[0].operators if codes[o.opcodeIndex] == code)


def _input(model: Any, name: str, place: int) -> Any:
    return model.subgraphs[0].tensors[_operator(model, name).inputs[place]]


def code(**fields: Any) -> Edit:
    return lambda model: vars(model.operatorCodes[0]).update(fields)


def twice(model: Any) -> None:
    model.subgraphs.append(copy.deepcopy(model.subgraphs[0]))


def many(model: Any) -> None:
    model.subgraphs[0].operators = [_operator(model, "ADD")] * 5000


BAD: dict[str, tuple[Edit, str]] = {
    "two graphs": (twice, "2 graphs"),
    "many operators": (many, "more than 4096 tensors or operators"),
    "two inputs": (graph(inputs=[0, 0]), "2 inputs, 1 outputs"),
    "no inputs": (graph(inputs=[]), "0 inputs, 1 outputs"),
    "another output": (graph(outputs=[0]), "does not take (1, 28, 28, 1) and give (1, 10)"),
    "input outside": (graph(inputs=[999]), "operator 0: reads tensors [0, 1"),
    "a constant as input": (graph(inputs=[1]), "the input is a constant"),
    "unknown operator": (code(builtinCode=schema.BuiltinOperator.EXP), "stages/operators.py"),
    "code of its own": (code(customCode=b"evil"), "operator 0, code: field 1 is not expected"),
    "options of its own": (operator("PAD", customOptions=[1]), "operator 0: field 5"),
    "no such code": (operator("PAD", opcodeIndex=99), "operator 0: no such code"),
    "unknown input": (operator("ADD", inputs=[99, 99]), "99"),
    "no input": (operator("ADD", inputs=[-1, -1]), "-1"),
    "an input less": (operator("CONV_2D", inputs=[0, 1]), "inputs of type"),
    "writes the input": (operator("PAD", outputs=[0]), "writes tensor 0 again"),
    "writes outside": (operator("PAD", outputs=[999]), "writes tensor 999 again"),
    "stride 0": (option("CONV_2D", strideH=0, strideW=0), "options (1, 0, 0, 1)"),
    "dilated": (option("CONV_2D", dilationHFactor=2), "options: field"),
    "another axis": (option("CONCATENATION", axis=1), "concatenates other shapes"),
    "activation": (option("FULLY_CONNECTED", fusedActivationFunction=9), "options (9,)"),
    "weights shuffled": (option("FULLY_CONNECTED", weightsFormat=1), "options: field 1"),
    "keeps dimensions": (option("MEAN", keepDims=True), "options: field 0"),
    "a variable": (tensor("CONV_2D", 1, isVariable=True), "field 5 is not expected"),
    "a list of nothing": (tensor("CONV_2D", 1, shape=[0]), "shape (0,); expected"),
    "five dimensions": (tensor("CONV_2D", 1, shape=[1] * 5), "5 dimensions; expected"),
    "a huge shape": (tensor("CONV_2D", 1, shape=[2**31 - 1] * 4), "bytes for float32"),
    "halves": (tensor("CONV_2D", 1, type=schema.TensorType.FLOAT16), "1"),
    "no buffer": (tensor("CONV_2D", 1, buffer=9999), "no buffer 9999"),
    "a long buffer": (content("CONV_2D", 1, np.zeros(999)), "7992 bytes for float32"),
    "no weights": (content("CONV_2D", 1, []), "operator "),
    "huge padding": (content("PAD", 1, np.full(8, 2**31 - 1, np.int32)), "padded by"),
    "slice outside": (content("STRIDED_SLICE", 2, np.full(4, 999, np.int32)), "slice "),
    "steps of 0": (content("STRIDED_SLICE", 3, np.zeros(4, np.int32)), "slices with steps"),
    "another axis of the mean": (content("MEAN", 1, np.full(1, 7, np.int32)), "slice 7:1 of (4,)"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), BAD.values(), ids=BAD)
def test_a_bad_network_is_refused(place: Workplace, edit: Edit, expected: str) -> None:
    save(changed(edit))
    place.refuses(
        "predict",
        "data/model/model.tflite: not a network of this project: ",
        expected,
        "train again",
    )


BYTES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda good: b"",
    "zeros": lambda good: bytes(1000),
    "a pickle": lambda good: PICKLE,
    "cut short": lambda good: good[: len(good) // 2],
    "another magic": lambda good: good.replace(b"TFL3", b"TFL9", 1),
}


@pytest.mark.parametrize("spoil", BYTES.values(), ids=BYTES)
def test_what_is_no_flatbuffer_is_refused(
    place: Workplace, spoil: Callable[[bytes], bytes]
) -> None:
    save(spoil(NETWORK.read_bytes()))
    place.refuses("predict", NO_NETWORK, "train again")
    assert not Path("evil").exists()


def not_numbers(model: Any) -> None:
    buffer = model.buffers[_input(model, "FULLY_CONNECTED", 1).buffer]
    buffer.data = np.full(len(buffer.data) // 4, np.nan, np.float32).view(np.uint8)


def test_weights_that_are_not_numbers_are_refused(place: Workplace) -> None:
    save(changed(not_numbers))
    place.refuses("predict", "data/model: gives numbers that are no probabilities; train again")


def test_the_check_is_quick(networks: Path) -> None:
    """0.02 s for a network of 3 members and 1.7 MB."""
    network, started = (networks / "cnn.tflite").read_bytes(), perf_counter()
    assert flatbuffer.check(network, (28, 28, 1), 10) > 3 * 28 * 28
    assert perf_counter() - started < 0.2


# In a process of its own, which a mistake in native code would end.
NETWORKS = """
import random, resource, sys
from pathlib import Path
import numpy as np
from stages.classifier import LiteNetwork
from stages.errors import InputError

folder, images = Path(sys.argv[1]), np.zeros((3, 28, 28, 1), np.float32)
path = folder / "model.tflite"
good, rng = path.read_bytes(), random.Random(0)
LiteNetwork.load(folder).predict_proba(images)
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
refused = 0
for _ in range(500):
    content = bytearray(good)
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        at = rng.randrange(len(content)) // 4 * 4
        new = rng.choice([0, 1, 255, 2**31 - 1, 2**32 - 1, rng.randrange(2**32)])
        width = rng.choice([1, 2, 4])
        content[at : at + width] = new.to_bytes(4, "little")[:width]
    path.write_bytes(content)
    try:
        LiteNetwork.load(folder).predict_proba(images)
    except InputError:
        refused += 1
print(refused)
"""


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_any_network_is_run_or_refused(
    tmp_path: Path, run_python: Run, model: str, networks: Path
) -> None:
    """Small ones, where most bytes are structure: a wrong weight is no danger."""
    (tmp_path / "model.tflite").write_bytes((networks / f"{model}.tflite").read_bytes())
    done = run_python("-c", NETWORKS, str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert 100 < int(done.stdout) < 500
