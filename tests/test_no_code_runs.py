"""Nothing that the pipeline reads runs code, writes outside its folder or reaches the network."""

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages import fetch_mnist
from stages.dataset import write_csv
from tests.clone import ROOT
from tests.conftest import Pixels, Run
from tests.test_refuse_archives import GOOD_ZIP, PACKED, archive, link
from tests.test_refuse_archives import LABELS as IDX_LABELS
from tests.test_refuse_arrays import Evil
from tests.test_refuse_classifiers import ARRAYS, COLUMNS, CURVE, PICKLE, npy, packed, sign, whole
from tests.test_refuse_networks import NETWORK, WEIGHTS, networks  # noqa: F401

STAGES = [
    *("preprocess", "split", "predict", "evaluate", "report", "answers"),
    *("fetch_kaggle", "fetch_mnist"),
]
IDX = fetch_mnist.GIVEN / next(iter(fetch_mnist.MD5))
# Pillow would run Ghostscript for it.
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(evil) (w) file\n"


@pytest.fixture
def good(tmp_path: Path, digits: tuple[Pixels, Pixels], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `good`, with an input for every reader."""
    folder = tmp_path / "good"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for path in ("data/digits", "data/model", "photos", fetch_mnist.GIVEN):
        Path(path).mkdir(parents=True)
    for name in ("params.yaml", "requirements.in"):
        shutil.copy(ROOT / name, folder)
    pixels, labels = digits
    write_csv(Path("data/digits/train.csv"), pixels[:200], labels[:200])
    write_csv(Path("data/digits/test.csv"), pixels[200:220])
    Image.fromarray(pixels[0].reshape(28, 28)).save("photos/a.png")
    np.savez(ARRAYS, **whole())
    sign("support_vectors", ARRAYS)
    CURVE.write_text(COLUMNS + "1,0.5,0.5,0.9,0.9\n")
    Path("data/digit-recognizer.zip").write_bytes(GOOD_ZIP)
    for name in fetch_mnist.MD5:
        content = PACKED if "images" in name else gzip.compress(IDX_LABELS)
        (fetch_mnist.GIVEN / name).write_bytes(content)
    return folder


def report(run_python: Run, top: Path, *cases: str) -> list[str]:
    """What `audit` says of each case, after the stages' own output."""
    done = run_python("-m", "tests.audit", *cases, cwd=top)
    assert done.returncode == 0, done.stderr
    folders = tuple(f"{case.split('=')[0]}: " for case in cases)
    return [line for line in done.stdout.splitlines() if line.startswith(folders)]


HOSTILE: dict[str, tuple[str, str | Path, bytes]] = {
    "formula": ("preprocess", "data/digits/train.csv", b"=cmd|' /C touch evil'!A0,1\n"),
    "csv": ("preprocess", "data/digits/train.csv", PICKLE),
    "yaml": ("preprocess", "params.yaml", b"data: !!python/object/apply:os.system [touch evil]"),
    "npy": ("split", "data/prepared/train_labels.npy", npy(np.array([Evil()] * 200))),
    "npy-pickle": ("predict", "data/prepared/test_images.npy", PICKLE),
    "manifest": ("predict", "data/model/manifest.json", PICKLE),
    "npz": ("predict", ARRAYS, packed(0, mean=np.array([Evil()] * 18))),
    "npz-pickle": ("predict", ARRAYS, PICKLE),
    "network": ("predict", NETWORK, PICKLE),
    "curve": ("evaluate", CURVE, PICKLE),
    "table": ("report", "metrics/test_predictions.csv", PICKLE),
    "page": ("report", "metrics/evaluate.json", b'{"accuracy": "<script>"}'),
    "picture": ("answers", "photos/a.png", PICKLE),
    "postscript": ("answers", "photos/a.png", POSTSCRIPT),
    "escape": ("fetch_kaggle", "data/digit-recognizer.zip", archive(("../../evil", ""))),
    "link": ("fetch_kaggle", "data/digit-recognizer.zip", archive(link())),
    "idx": ("fetch_mnist", IDX, PICKLE),
    "idx-pickle": ("fetch_mnist", IDX, gzip.compress(PICKLE)),
}


def test_no_input_does_anything(good: Path, run_python: Run, networks: Path) -> None:  # noqa: F811
    """Every reader reads what is good, and then what is hostile."""
    top = good.parent
    cases = [f"good=stages.{stage}" for stage in STAGES]
    assert report(run_python, top, *cases) == ["good: done"] * len(STAGES)
    for name, (_, path, content) in HOSTILE.items():
        shutil.copytree(good, top / name)
        (top / name / path).write_bytes(content)
        if path in (ARRAYS, NETWORK):
            (top / name / WEIGHTS).write_bytes(b"weights")
            _sign_in(top / name, path == NETWORK)
    shutil.copytree(good, top / "cnn")
    shutil.copy(networks / "cnn.tflite", top / "cnn" / NETWORK)
    (top / "cnn" / WEIGHTS).write_bytes(b"weights")
    _sign_in(top / "cnn", True)
    cases = [f"{name}=stages.{stage}" for name, (stage, _, _) in HOSTILE.items()]
    said = report(run_python, top, *cases, "cnn=stages.predict")
    assert [line.split(": ")[:2] for line in said] == [
        # `answers` says what is wrong and goes on with the next.
        *([name, "1" if case[0] == "answers" else "error"] for name, case in HOSTILE.items()),
        ["cnn", "done"],
    ]
    assert not list(top.rglob("evil*"))


def _sign_in(folder: Path, network: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        paths = (NETWORK, WEIGHTS) if network else (ARRAYS,)
        sign("network" if network else "support_vectors", *paths)


PLANTED = {
    "os.system": "import os; os.system('true')",
    "subprocess.Popen": "import subprocess; subprocess.run('true')",
    "socket.__new__": "import socket; socket.socket().close()",
    "pickle.find_class": "import pickle; pickle.loads(pickle.dumps(print))",
    "marshal.loads": "import marshal; marshal.loads(marshal.dumps(1))",
    "open": "open('../planted.txt', 'w').close()",
    "os.rename": "import os; open('x', 'w').close(); os.rename('x', '../planted.txt')",
    "os.remove": "import os; open('../y', 'w').close(); os.remove('../y')",
    "os.symlink": "import os; os.symlink('/etc', 'etc')",
    "import": "import sys; sys.path.insert(0, '.'); import foreign",
    "numpy": "import numpy; numpy.load('evil.npy', allow_pickle=True)",
    "yaml": "import yaml; yaml.unsafe_load('!!python/object/apply:os.system [\"true\"]')",
}


def test_what_is_planted_is_caught(tmp_path: Path, run_python: Run) -> None:
    """The watch sees what it is there to see."""
    expected = {}
    for number, (name, code) in enumerate(PLANTED.items()):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "foreign.py").write_text("")
        (folder / "evil.npy").write_bytes(npy(np.array([print])))
        (tmp_path / f"planted_{number}.py").write_text(f"def main():\n    {code}\n")
        event = {"numpy": "pickle.find_class", "yaml": "os.system"}.get(name, name)
        expected[f"{name}=planted_{number}"] = f"{name}: {event} "
    said = report(run_python, tmp_path, *expected)
    for line in expected.values():
        assert any(found.startswith(line) for found in said), (line, said)
