"""A folder with two CSV files, as they are or in zip files."""

from pathlib import Path

import pytest

from stages.fetch import choose_module
from stages.harness.errors import InputError
from stages.sources import folder
from stages.sources.folder import fetch, find
from tests.support.archives import CENTRAL, GOOD_ZIP, LOCAL, archive, patched
from tests.support.workplace import Workplace

FILES = {"train.csv": "label,pixel0\n1,2\n", "test.csv": "pixel0\n3\n"}
EXTRA = {"sample_submission.csv": "ImageId,Label\n1,0\n", "__MACOSX/._train.csv": "x"}
ZIP = archive(texts=FILES | EXTRA)


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


GOOD: dict[str, dict[str, bytes | str]] = {
    "CSV": {f"source/{name}": text for name, text in FILES.items()},
    "a zip of any name": {"source/any name.zip": ZIP},
    "with a folder": {"source/a.zip": archive(texts={f"a/{k}": v for k, v in FILES.items()})},
    "Kaggle's client": {f"source/{k}.zip": archive(texts={k: v}) for k, v in FILES.items()},
    "a folder beside CSV": {
        "source/more/a.png": "",
        **{f"source/{name}": text for name, text in FILES.items()},
    },
    "CSV before zip": {
        "source/a.zip": archive(texts=FILES | {"train.csv": "old"}),
        "source/train.csv": FILES["train.csv"],
    },
}


@pytest.mark.parametrize("files", GOOD.values(), ids=GOOD)
def test_both_files_are_found(source: Path, files: dict[str, bytes | str]) -> None:
    write(files)
    assert choose_module(source) is folder
    fetch(source, Path("raw"))
    assert {path.name: path.read_text() for path in Path("raw").iterdir()} == FILES


HUGE = patched(GOOD_ZIP, (CENTRAL, 24, b"\xff\xff\xff\xf0"))
ENCRYPTED = patched(GOOD_ZIP, (LOCAL, 6, b"\1"), (CENTRAL, 8, b"\1"))
OUTSIDE = patched(GOOD_ZIP, (CENTRAL, 42, b"\xff\xff\xff\x7f"))  # of the file
BAD: dict[str, tuple[dict[str, bytes | str], str]] = {
    "nothing": ({"source/README.md": ""}, "holds no CSV .* see source/README.md; copy it there"),
    "one of two": ({"source/train.csv": ""}, "holds train.csv but no test.csv; expected"),
    "misplaced": ({"digits.zip": ZIP}, "move digits.zip there, then run dvc add source/"),
    "unpacked": ({"source/a/train.csv": ""}, "move the files up from source/a, then run dvc add"),
    "two zips": ({"source/a.zip": ZIP, "source/b.zip": ZIP}, r"than once \(a\.zip/train.csv, b"),
    "HTML": ({"source/a.zip": b"<html>Please log in</html>"}, "a.zip: damaged or encrypted"),
    "cut short": ({"source/a.zip": GOOD_ZIP[:-100]}, "a.zip: damaged or encrypted"),
    "flipped bits": (
        {"source/a.zip": patched(GOOD_ZIP, (LOCAL, 45, b"\xff" * 10))}, "a.zip: damaged or encr",
    ),
    "an entry outside": ({"source/a.zip": OUTSIDE}, "a.zip: damaged or encrypted"),
    "encrypted": ({"source/a.zip": ENCRYPTED}, "a.zip: damaged or encrypted"),
    "bomb": ({"source/a.zip": HUGE}, "unpacks to 4,043,309,055 bytes; expected at most 1,000,000,"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named(source: Path, files: dict[str, bytes | str], expected: str) -> None:
    write(files)
    assert choose_module(source) is folder
    with pytest.raises(InputError, match=expected):
        fetch(source, Path("raw"))


def test_an_entry_that_leaves_the_folder_is_not_written_there(source: Path) -> None:
    names = ("../evil.csv", "/etc/evil.csv", "../../train.csv")
    write({"source/a.zip": archive(*((name, "") for name in names), texts={"test.csv": ""})})
    fetch(source, Path("raw"))
    assert {path.name for path in source.parent.rglob("*")} == {"source", "raw", "a.zip", *FILES}


def test_an_unknown_file_among_the_outputs_is_rejected_and_kept(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workplace(in_tmp, capsys)
    write({"data/sources/mnist_5k/README.md": "", "data/raw/.DS_Store": "", "data/raw/my.zip": ZIP})
    for stage in ("check", "fetch"):
        place.refuses(stage, "data/raw/my.zip: expected only train.csv", "data/sources/kaggle")
    Path("data/raw/my.zip").unlink()
    assert place.run("check") == (0, "")


@pytest.mark.usefixtures("in_tmp")
def test_the_nearest_name_is_suggested() -> None:
    for name in ("kaggle", "mnist", "mnist_5k"):
        Path("data/sources", name).mkdir(parents=True)
    assert find("mnist") == Path("data/sources/mnist")
    for name, hint in (("kagle", "did you mean kaggle?"), ("x", "there are kaggle, mnist, mnist_")):
        with pytest.raises(InputError, match=f"no folder data/sources/{name}; {hint}"):
            find(name)
