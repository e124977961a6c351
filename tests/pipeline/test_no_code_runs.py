"""Nothing that the pipeline reads runs code, writes outside its folder or reaches the network."""

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.formats.competition import write_csv
from stages.sources.mnist import FILES
from tests.conftest import Run
from tests.support.archives import GOOD_ZIP, IDX_LABELS, PACKED_IMAGES, archive
from tests.support.clone import ROOT, set_params
from tests.support.samples import (
    ARRAYS,
    CURVE,
    CURVE_HEADER,
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

pytestmark = pytest.mark.slow

MODULES = [
    *(
        f"stages.{name}"
        for name in ("check", "preprocess", "split", "predict", "evaluate", "report")
    ),
    "tools.recognize.__main__",
]
ZIP = Path("data/sources/kaggle/digit-recognizer.zip")
MNIST = Path("data/sources/mnist")
IDX = MNIST / FILES[0]
# Pillow would run Ghostscript for it.
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(evil) (w) file\n"


@pytest.fixture
def good(tmp_path: Path, digits: tuple[Pixels, Pixels], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `good`, with an input for every reader."""
    folder = tmp_path / "good"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for path in ("data/raw", "data/model", "data/sources/mnist_5k", "photos", ZIP.parent, MNIST):
        Path(path).mkdir(parents=True)
    for name in ("params.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    pixels, labels = digits
    write_csv(Path("data/raw/train.csv"), pixels[:200], labels[:200])
    write_csv(Path("data/raw/test.csv"), pixels[200:220])
    Image.fromarray(pixels[0].reshape(28, 28)).save("photos/a.png")
    np.savez(ARRAYS, **classifier_arrays())
    sign("support_vectors", ARRAYS)
    CURVE.write_text(CURVE_HEADER + "1,0.5,0.5,0.9,0.9\n")
    ZIP.write_bytes(GOOD_ZIP)
    for name in FILES:
        (MNIST / name).write_bytes(PACKED_IMAGES if "images" in name else gzip.compress(IDX_LABELS))
    return folder


def report(run_python: Run, top: Path, *cases: str) -> list[str]:
    """What `audit` says of each case, after the stages' own output."""
    done = run_python("-m", "tests.support.audit", *cases, cwd=top)
    assert done.returncode == 0, done.stderr
    folders = tuple(f"{case.split('=')[0]}: " for case in cases)
    return [line for line in done.stdout.splitlines() if line.startswith(folders)]


def copied(good: Path, name: str, source: str = "mnist_5k") -> Path:
    """A copy of the folder with another source."""
    folder = good.with_name(name)
    shutil.copytree(good, folder)
    set_params(folder / "params.yaml", {"data.source": source})
    return folder


# What a file becomes, and which module reads it; `fetch` reads the source that the path names.
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
    "picture": ("tools.recognize.__main__", "photos/a.png", PICKLE),
    "postscript": ("tools.recognize.__main__", "photos/a.png", POSTSCRIPT),
    "escape": ("stages.fetch", ZIP, archive(("../../evil", ""), texts={})),
    "idx": ("stages.fetch", IDX, PICKLE),
    "idx-pickle": ("stages.fetch", IDX, gzip.compress(PICKLE)),
}


def test_no_input_does_anything(good: Path, run_python: Run, networks: Path) -> None:
    """Every reader reads what is good, and then what is hostile."""
    cases = {f"{name}=stages.fetch": "done" for name in ("mnist_5k", "kaggle", "mnist")}
    for name in ("mnist_5k", "kaggle", "mnist"):
        copied(good, name, name)
    cases |= {f"good={module}": "done" for module in MODULES}
    check(run_python, good.parent, cases)
    cases = {}
    for name, (module, path, content) in HOSTILE.items():
        folder = copied(good, name, {ZIP: "kaggle", IDX: "mnist"}.get(Path(path), "mnist_5k"))
        (folder / path).write_bytes(content)
        if path in (ARRAYS, NETWORK):
            (folder / WEIGHTS).write_bytes(b"weights")
            sign_in(folder, path == NETWORK)
        # `recognize` says what is wrong and goes on with the next.
        cases[f"{name}={module}"] = "1" if module.startswith("tools") else "error"
    shutil.copy(networks / "cnn" / NETWORK.name, copied(good, "cnn") / NETWORK)
    (good.parent / "cnn" / WEIGHTS).write_bytes(b"weights")
    sign_in(good.parent / "cnn", True)
    cases["cnn=stages.predict"] = "done"
    check(run_python, good.parent, cases)
    assert not list(good.parent.rglob("evil*"))


def check(run_python: Run, top: Path, cases: dict[str, str]) -> None:
    """Each case ends as expected, and does nothing else."""
    lines = report(run_python, top, *cases)
    expected = [[case.split("=")[0], status] for case, status in cases.items()]
    assert [line.split(": ")[:2] for line in lines] == expected


def sign_in(folder: Path, network: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        paths = (NETWORK, WEIGHTS) if network else (ARRAYS,)
        sign("network" if network else "support_vectors", *paths)


PLANTED = {
    "os.system": "import os; os.system('true')",
    "subprocess.Popen": "import subprocess; subprocess.run('true')",
    "socket.__new__": "import socket; socket.socket().close()",
    "pickle.find_class": "import pickle; pickle.loads(pickle.dumps(print))",
    "open": "open('../planted.txt', 'w').close()",
    "os.rename": "import os; open('x', 'w').close(); os.rename('x', '../planted.txt')",
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
