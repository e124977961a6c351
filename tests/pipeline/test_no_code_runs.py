"""Nothing that the pipeline reads runs code, writes outside its folder or reaches the network."""

import gzip
import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.formats.competition import write_csv
from stages.sources.mnist import FILES
from tests.support.archives import GOOD_ZIP, IDX_LABELS, PACKED_IMAGES, archive
from tests.support.audit import watched
from tests.support.clone import ROOT, Clone, set_params
from tests.support.samples import (
    ARRAYS,
    CURVE,
    MODEL,
    NETWORK,
    PICKLE,
    WEIGHTS,
    Evil,
    Pixels,
    classifier_arrays,
    npy,
    packed,
    sign,
)
from tests.support.workplace import run_main

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("no_code_runs")]
ZIP = Path("data/sources/kaggle/digit-recognizer.zip")
MNIST = Path("data/sources/mnist")
IDX = MNIST / FILES[0]
RECOGNIZE = "tools.recognize.__main__"
STAGES = ("check", "preprocess", "split", "predict", "evaluate", "report")
# Pillow would run Ghostscript for it.
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(evil) (w) file\n"
# What a file becomes, and which module reads it.
HOSTILE: dict[str, tuple[str, str | Path, bytes]] = {
    "formula": ("stages.preprocess", "data/raw/train.csv", b"=cmd|' /C touch evil'!A0,1\n"),
    "csv": ("stages.preprocess", "data/raw/train.csv", PICKLE),
    "yaml": ("stages.split", "params.yaml", b"data: !!python/object/apply:os.system [touch evil]"),
    "npy": ("stages.split", "data/prepared/train_labels.npy", npy(np.array([Evil()] * 200))),
    "npy-pickle": ("stages.predict", "data/prepared/test_images.npy", PICKLE),
    "manifest": ("stages.predict", "data/model/manifest.json", PICKLE),
    "npz": ("stages.predict", ARRAYS, packed(0, mean=np.array([Evil()] * 18))),
    "npz-pickle": ("stages.predict", ARRAYS, PICKLE),
    "network": ("stages.predict", NETWORK, PICKLE),
    "curve": ("stages.evaluate", CURVE, PICKLE),
    "table": ("stages.report", "metrics/test_predictions.csv", PICKLE),
    "page": ("stages.report", "metrics/evaluate.json", b'{"accuracy": "<script>"}'),
    "picture": (RECOGNIZE, "photos/a.png", PICKLE),
    "postscript": (RECOGNIZE, "photos/a.png", POSTSCRIPT),
    "escape": ("stages.fetch", ZIP, archive(("../../evil", ""), texts={})),
    "idx": ("stages.fetch", IDX, PICKLE),
    "idx-pickle": ("stages.fetch", IDX, gzip.compress(PICKLE)),
}
PLANTED = {
    "os.system": "import os; os.system('true')",
    "os.rename": "import os; os.rename('params.yaml', '../planted.yaml')",
    "socket.__new__": "import socket; socket.socket().close()",
    "pickle.find_class": "import numpy; numpy.load('evil.npy', allow_pickle=True)",
    "open": "open('../planted.txt', 'w').close()",
}


@pytest.fixture(scope="module")
def good(
    tmp_path_factory: pytest.TempPathFactory, digits: tuple[Pixels, Pixels], reproduced: Clone
) -> Iterator[Path]:
    """The working folder, with an input for every reader, after a whole run."""
    folder = tmp_path_factory.mktemp("good")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["stage", "photos"])  # for `tools.recognize`
        patch.setattr(sys, "dont_write_bytecode", True)
        for path in ("data/raw", "data/sources/mnist_5k", "photos", ZIP.parent, MNIST):
            Path(path).mkdir(parents=True)
        for name in ("params.yaml", "requirements.in"):
            shutil.copy(ROOT / name, folder)
        pixels, labels = digits
        write_csv(Path("data/raw/train.csv"), pixels[:200], labels[:200])
        write_csv(Path("data/raw/test.csv"), pixels[200:220])
        Image.fromarray(pixels[0].reshape(28, 28)).save("photos/a.png")
        ZIP.write_bytes(GOOD_ZIP)
        for name in FILES:
            packed_labels = gzip.compress(IDX_LABELS)
            (MNIST / name).write_bytes(PACKED_IMAGES if "images" in name else packed_labels)
        shutil.copytree(reproduced.folder / MODEL, MODEL)
        for stage in STAGES:
            main = importlib.import_module(f"stages.{stage}").main
            with watched() as found:
                main()
            assert not found
        yield folder


@pytest.fixture
def place(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, for one test to change."""
    monkeypatch.chdir(shutil.copytree(good, tmp_path / "place"))
    return tmp_path / "place"


def run(module: str, shown: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Runs a module, which must do nothing else; returns exit status and messages."""
    main = importlib.import_module(module).main
    with watched() as found:
        status, _, said = run_main(main, shown)
    assert not found
    assert "Traceback" not in said
    return status, said


@pytest.mark.parametrize("source", ["mnist_5k", "kaggle", "mnist"])
def test_a_good_input_does_nothing_else(
    source: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other stages read theirs in `good`."""
    set_params(Path("params.yaml"), {"data.source": source})
    np.savez(ARRAYS, **classifier_arrays())
    sign("support_vectors", ARRAYS)
    for module in ("stages.fetch", "stages.predict", RECOGNIZE):
        assert run(module, capsys) == (0, "")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_input_does_nothing(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module, path, content = HOSTILE[name]
    source = {ZIP: "kaggle", IDX: "mnist"}.get(Path(path), "mnist_5k")
    set_params(Path("params.yaml"), {"data.source": source})
    Path(path).write_bytes(content)
    if path == ARRAYS:
        sign("support_vectors", ARRAYS)
    if path == NETWORK:
        sign("network", NETWORK, WEIGHTS)
    status, said = run(module, capsys)
    assert status != 0
    assert Path(path).name in said
    assert not list(place.parent.rglob("evil*"))


@pytest.mark.parametrize("event", PLANTED)
def test_what_is_planted_is_noticed(event: str, in_tmp: Path) -> None:
    Path("evil.npy").write_bytes(npy(np.array([print])))
    with watched() as found:
        exec(PLANTED[event])
    assert found[0].startswith(event), found
