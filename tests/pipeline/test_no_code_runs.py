"""Nothing that the pipeline reads runs code, writes outside its folder or reaches the network."""

import gzip
import importlib
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from stages.sources.mnist import FILES
from tests.support.archives import GOOD_ZIP, IDX_LABELS, PACKED_IMAGES, archive
from tests.support.audit import watched
from tests.support.clone import ROOT, Clone, set_params
from tests.support.samples import ARRAYS, CURVE, MODEL, PICKLE, Evil, npy, packed, save_model
from tests.support.workplace import Workplace, run_main

pytestmark = pytest.mark.slow
ZIP = Path("data/sources/kaggle/digit-recognizer.zip")
MNIST = Path("data/sources/mnist")
IDX = MNIST / FILES[0]
RECOGNIZE = "tools.recognize.__main__"
STAGES = ("check", "preprocess", "split", "predict", "evaluate", "report")
# Pillow would run Ghostscript for it.
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(evil) (w) file\n"
# What a file becomes, and which module reads it.
HOSTILE: dict[str, tuple[str, str | Path, bytes]] = {
    "csv": ("stages.preprocess", "data/raw/train.csv", PICKLE),
    "yaml": ("stages.split", "params.yaml", b"data: !!python/object/apply:os.system [touch evil]"),
    "npy": ("stages.split", "data/prepared/train_labels.npy", npy(np.array([Evil()] * 200))),
    "manifest": ("stages.predict", "data/model/manifest.json", PICKLE),
    "npz": ("stages.predict", ARRAYS, packed(0, mean=np.array([Evil()] * 18))),
    "curve": ("stages.evaluate", CURVE, PICKLE),
    "table": ("stages.report", "metrics/test_predictions.csv", PICKLE),
    "page": ("stages.report", "metrics/evaluate.json", b'{"accuracy": "<script>"}'),
    "postscript": (RECOGNIZE, "photos/a.png", POSTSCRIPT),
    "escape": ("stages.fetch", ZIP, archive({"../../evil": ""})),
    "idx": ("stages.fetch", IDX, gzip.compress(PICKLE)),
}
Shown = pytest.CaptureFixture[str]


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def place(source: Path, with_classifier: Workplace, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """A working folder with an input for every reader."""
    monkeypatch.setattr(sys, "argv", ["recognize", "photos"])
    put(Path("data/sources/mnist_5k/README.md"), b"")
    for file in (*ROOT.glob("requirements*"), ROOT / "pyproject.toml"):
        shutil.copy(file, Path())  # `report` lists the packages
    put(ZIP, GOOD_ZIP)
    for name in FILES:
        put(MNIST / name, PACKED_IMAGES if "images" in name else gzip.compress(IDX_LABELS))
    return with_classifier


def run(module: str, shown: Shown) -> tuple[int, str]:
    """Runs a module, which must do nothing else; returns exit status and messages."""
    main = importlib.import_module(module).main
    with watched() as found:
        status, _, said = run_main(main, shown)
    assert not found
    assert "Traceback" not in said
    return status, said


def test_good_inputs_do_nothing_else(place: Workplace, capsys: Shown) -> None:
    for stage in STAGES:
        assert run(f"stages.{stage}", capsys) == (0, "")
    for name in ("kaggle", "mnist", "mnist_5k"):
        set_params(Path("params.yaml"), {"data.source": name})
        assert run("stages.fetch", capsys) == (0, "")


def test_a_network_does_nothing_else(place: Workplace, reproduced: Clone, capsys: Shown) -> None:
    shutil.copytree(reproduced.folder / MODEL, MODEL, dirs_exist_ok=True)
    assert run("stages.predict", capsys) == (0, "")
    Path("photos").mkdir()
    shutil.copy(ROOT / "docs" / "images" / "digit.png", "photos")
    assert run(RECOGNIZE, capsys) == (0, "")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_input_does_nothing(name: str, place: Workplace, capsys: Shown) -> None:
    module, path, content = HOSTILE[name]
    if module == "stages.report":
        for stage in ("predict", "evaluate"):
            place.run(stage)
    chosen = {ZIP: "kaggle", IDX: "mnist"}.get(Path(path), "mnist_5k")
    set_params(Path("params.yaml"), {"data.source": chosen})
    if path == ARRAYS:
        save_model(content)
    else:
        put(Path(path), content)
    status, said = run(module, capsys)
    assert status != 0
    assert Path(path).name in said
    assert not list(place.folder.parent.rglob("evil*"))


def test_what_is_written_elsewhere_is_noticed(in_tmp: Path) -> None:
    with watched() as found:
        Path("../planted.txt").write_text("")
    assert found[0].startswith("open")
