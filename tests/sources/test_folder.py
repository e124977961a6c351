"""A folder with two CSV files, as they are or in zip files."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from stages.fetch import fetch as choose
from stages.formats.task import DIGITS
from stages.harness.errors import InputError
from stages.harness.params import Data
from stages.sources.folder import find
from tests.support.archives import CENTRAL, GOOD_ZIP, LOCAL, archive, patched
from tests.support.workplace import Workplace

DATA = Data(source="source", size=None, groups=None)
FILES = {"train.csv": "label,pixel0\n1,2\n", "test.csv": "pixel0\n3\n"}
EXTRA = {"sample_submission.csv": "ImageId,Label\n1,0\n", "__MACOSX/._train.csv": "x"}
ZIP = archive(FILES | EXTRA)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("source", "raw"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    return Path("source")


def write(files: dict[str, bytes | str]) -> None:
    for path, content in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())


CSV: dict[str, bytes | str] = {f"source/{name}": text for name, text in FILES.items()}
GOOD: dict[str, dict[str, bytes | str]] = {
    "CSV": CSV,
    "a zip of any name": {"source/any name.zip": ZIP},
    "with a folder": {"source/a.zip": archive({f"a/{k}": v for k, v in FILES.items()})},
    "Kaggle's client": {f"source/{k}.zip": archive({k: v}) for k, v in FILES.items()},
    "an unpacked folder": {f"source/a/{name}": text for name, text in FILES.items()},
    "pictures beside CSV": CSV | {"source/more/a.png": ""},
    "capitals": {"source/Train.CSV": FILES["train.csv"], "source/TEST.csv": FILES["test.csv"]},
    "a zip in capitals": {"source/A.ZIP": archive({k.upper(): v for k, v in FILES.items()})},
    "CSV beside their zip": CSV | {"source/a.zip": archive(dict.fromkeys(FILES, "old"))},
}


@pytest.mark.parametrize("files", GOOD.values(), ids=GOOD)
def test_both_files_are_found(source: Path, files: dict[str, bytes | str]) -> None:
    write(files)
    assert choose(source, Path("raw"), DATA) == DIGITS
    assert {path.name: path.read_text() for path in Path("raw").iterdir()} == FILES


DAMAGED: dict[str, bytes] = {
    "HTML": b"<html>Please log in</html>",
    "cut short": GOOD_ZIP[:-100],
    "flipped bits": patched(GOOD_ZIP, (LOCAL, 45, b"\xff" * 10)),
    "an entry outside": patched(GOOD_ZIP, (CENTRAL, 42, b"\xff\xff\xff\x7f")),
    "encrypted": patched(GOOD_ZIP, (LOCAL, 6, b"\1"), (CENTRAL, 8, b"\1")),
    "bomb": patched(GOOD_ZIP, (CENTRAL, 24, b"\xff\xff\xff\xf0")),
}
BAD: dict[str, tuple[dict[str, bytes | str], str]] = {
    "nothing": ({"source/README.md": ""}, "holds no CSV and no zip file; .* dvc add source/<its"),
    "one of two": ({"source/train.csv": ""}, "holds train.csv; expected train.csv and test.csv"),
    "two zips": ({"source/a.zip": ZIP, "source/b.zip": ZIP}, r"a.zip \(train.csv, .* once each"),
    "other names": ({"source/a.zip": archive({"mnist_train.csv": ""})}, r"_train.*: rename"),
    "a zip in a zip": ({"source/a.zip": archive({"b.zip": ""})}, r"a.zip \(b.zip\); .* unpack"),
    "gzip": ({f"source/a/{name}.gz": "" for name in FILES}, "holds a/test.csv.gz, a/train.csv.gz;"),
    **{
        name: ({"source/a.zip": content}, "a.zip: damaged, encrypted or too large")
        for name, content in DAMAGED.items()
    },
}


@pytest.mark.parametrize(("files", "expected"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named(source: Path, files: dict[str, bytes | str], expected: str) -> None:
    write(files)
    with pytest.raises(InputError, match=expected):
        choose(source, Path("raw"), DATA)


def test_an_unknown_file_among_the_outputs_is_rejected_and_kept(place: Workplace) -> None:
    write({"data/sources/mnist_5k/README.md": "", "data/raw/.DS_Store": "", "data/raw/my.zip": ZIP})
    place.refuses("fetch", "data/raw/my.zip: expected only what fetch w", "data/sources/kaggle")
    Path("data/raw/my.zip").unlink()
    assert place.run("fetch") == (0, "")


@pytest.mark.usefixtures("in_tmp")
@pytest.mark.parametrize("name", ["train.csv", "a.zip", "README.md"])
@pytest.mark.parametrize(
    "make", [os.mkfifo, partial(os.symlink, "/dev/zero"), partial(os.symlink, "x")]
)
def test_what_is_no_file_is_named(name: str, make: Callable[[Path], None]) -> None:
    """A pipe is waited for without end; so is the end of /dev/zero."""
    write({"data/sources/mine/test.csv": ""})
    make(Path("data/sources/mine", name))
    with pytest.raises(InputError, match=f"mine/{name}: a link that leads nowhere, a pipe or a de"):
        find("mine")


@pytest.mark.usefixtures("in_tmp")
def test_an_unknown_source_is_rejected_with_those_there_are() -> None:
    for name in ("kaggle", "mnist"):
        Path("data/sources", name).mkdir(parents=True)
    assert find("mnist") == Path("data/sources/mnist")
    with pytest.raises(InputError, match="no folder data/sources/kagle; there are kaggle, mnist"):
        find("kagle")
