"""Bad networks in data/model, as `predict` refuses them: what ends LiteRT ends no stage."""

import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from stages import lite_network
from stages.errors import InputError
from stages.lite_network import LiteNetwork
from tests.refusal import Workplace
from tests.test_refuse_classifiers import PICKLE, sign

MODEL = Path("data/model")
NETWORK, WEIGHTS = MODEL / "model.tflite", MODEL / "model.weights.h5"

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


SHAPES = "takes and gives ["
NOT_PREPARED = "failed to prepare"
BAD: dict[str, tuple[Edit, str]] = {
    "two inputs": (graph(inputs=[0, 0]), SHAPES),
    "no inputs": (graph(inputs=[]), SHAPES),
    "another output": (graph(outputs=[0]), SHAPES),
    "input outside": (graph(inputs=[999]), SHAPES),
    "a constant as input": (graph(inputs=[1]), SHAPES),
    "halves": (tensor("SHAPE", 0, type=schema.TensorType.FLOAT16), NOT_PREPARED),
    "no such code": (operator("PAD", opcodeIndex=99), "opcode_index 99"),
    "unknown input": (operator("ADD", inputs=[99, 99]), "Invalid tensor index 99"),
    "an input less": (operator("CONV_2D", inputs=[0, 1]), NOT_PREPARED),
    "writes the input": (operator("PAD", outputs=[0]), "Dimension mismatch"),
    "writes outside": (operator("PAD", outputs=[999]), "Invalid tensor index 999"),
    "stride 0": (option("CONV_2D", strideH=0, strideW=0), NOT_PREPARED),
    "another axis": (option("CONCATENATION", axis=1), "failed to invoke"),
    "weights shuffled": (option("FULLY_CONNECTED", weightsFormat=1), NOT_PREPARED),
    "a list of nothing": (tensor("CONV_2D", 1, shape=[0]), NOT_PREPARED),
    "five dimensions": (tensor("CONV_2D", 1, shape=[1] * 5), NOT_PREPARED),
    "a huge shape": (tensor("CONV_2D", 1, shape=[2**31 - 1] * 4), "overflowed"),
    "no buffer": (tensor("CONV_2D", 1, buffer=9999), "out of range buffer 9999"),
    "no weights": (content("CONV_2D", 1, []), "invalidly specified"),
    "huge padding": (content("PAD", 1, np.full(8, 2**31 - 1, np.int32)), NOT_PREPARED),
    "slice outside": (content("STRIDED_SLICE", 2, np.full(4, 999, np.int32)), NOT_PREPARED),
    "steps of 0": (content("STRIDED_SLICE", 3, np.zeros(4, np.int32)), NOT_PREPARED),
    "another axis of the mean": (content("MEAN", 1, np.full(1, 7, np.int32)), " LiteRT"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), BAD.values(), ids=BAD)
def test_a_bad_network_is_refused(place: Workplace, edit: Edit, expected: str) -> None:
    save(changed(edit))
    place.refuses("predict", f"error: {NETWORK}: ", expected, "; train again")


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
    place.refuses("predict", f"error: {NETWORK}: not a LiteRT model", "train again")
    assert not Path("evil").exists()


def not_numbers(model: Any) -> None:
    buffer = model.buffers[_input(model, "FULLY_CONNECTED", 1).buffer]
    buffer.data = np.full(len(buffer.data) // 4, np.nan, np.float32).view(np.uint8)


def test_weights_that_are_not_numbers_are_refused(place: Workplace) -> None:
    save(changed(not_numbers))
    place.refuses("predict", "data/model: gives numbers that are no probabilities; train again")


def test_a_network_that_crashes_ends_no_stage(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lite_network, "_predict", lambda *_: os.kill(os.getpid(), signal.SIGSEGV))
    place.refuses("predict", f"error: {NETWORK}: crashes LiteRT; train again")
    assert not multiprocessing.active_children()


def test_a_network_that_never_answers_is_given_up(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lite_network, "_predict", lambda *_: time.sleep(60))
    monkeypatch.setattr(lite_network, "PATIENCE", 0.2)
    place.refuses("predict", f"error: {NETWORK}: no answer within 0 s; train again")
    assert not multiprocessing.active_children()


def test_memory_has_a_limit(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite_network, "_predict", lambda *_: np.ones(2**40))
    place.refuses("predict", f"error: {NETWORK}: not a LiteRT model: Unable to allocate 8.00 TiB")


def test_any_network_is_run_or_refused(place: Workplace, networks: Path) -> None:
    """Changed bytes of small ones, where most bytes are structure."""
    draw, images = random.Random(0), np.zeros((3, 28, 28, 1), np.float32)
    refused = 0
    for _ in range(100):
        for name in ("mlp", "cnn"):
            spoiled = bytearray((networks / f"{name}.tflite").read_bytes())
            for _ in range(draw.choice([1, 2, 4, 16])):
                at = draw.randrange(len(spoiled)) // 4 * 4
                spoiled[at : at + 4] = draw.choice([0, 1, 255, 2**31 - 1]).to_bytes(4, "little")
            NETWORK.write_bytes(spoiled)
            try:
                found = LiteNetwork.load(MODEL).predict_proba(images)
                assert found.shape == (3, 10)
            except InputError as error:
                assert str(error).startswith(f"{NETWORK}: ")
                refused += 1
    assert 20 < refused < 180
