"""A folder with two CSV files, as they are or in zip files; see also `test_refuse_archives`."""

import zipfile
from pathlib import Path

import pytest

from stages.fetch import reader
from stages.harness.errors import InputError
from stages.sources.folder import fetch, find
from tests.support.workplace import Workplace

FILES = {"train.csv": "label,pixel0\n1,2\n", "test.csv": "pixel0\n3\n"}
EXTRA = {"sample_submission.csv": "ImageId,Label\n1,0\n", "__MACOSX/._train.csv": "x"}


def pack(path: Path, entries: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


def fetched(source: Path) -> dict[str, str]:
    raw = source.with_name("raw")
    raw.mkdir()
    fetch(source, raw)
    return {path.name: path.read_text() for path in raw.iterdir()}


@pytest.mark.parametrize("folder", ["", "digits/"])
def test_a_zip_file_of_any_name(source: Path, folder: str) -> None:
    pack(source / "any name.zip", {folder + name: text for name, text in FILES.items()} | EXTRA)
    assert fetched(source) == FILES


def test_a_zip_file_for_each_as_the_kaggle_client_saves_them(source: Path) -> None:
    for name, text in FILES.items():
        pack(source / f"{name}.zip", {name: text})
    assert fetched(source) == FILES


def test_files_as_they_are_go_before_zip_files(source: Path) -> None:
    pack(source / "digit-recognizer.zip", {"train.csv": "old", "test.csv": FILES["test.csv"]})
    (source / "train.csv").write_text(FILES["train.csv"])
    assert fetched(source) == FILES


def test_a_file_in_two_zip_files_is_refused(source: Path) -> None:
    for name in ("a.zip", "b.zip"):
        pack(source / name, FILES)
    with pytest.raises(InputError, match=r"train\.csv is there more than once \(a\.zip/train"):
        fetched(source)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "holds no CSV and no zip file; expected train.csv and test.csv"),
        (["train.csv"], "holds train.csv but no test.csv; expected"),
        (["test.csv", "sample.csv"], "holds sample.csv, test.csv but no train.csv; expected"),
    ],
)
def test_what_is_missing_is_named(source: Path, names: list[str], expected: str) -> None:
    for name in names:
        (source / name).write_text("x")
    with pytest.raises(InputError, match=expected) as caught:
        fetched(source)
    assert "README.md" not in str(caught.value)
    (source / "README.md").write_text("card")
    with pytest.raises(InputError, match=r"see .*source/README\.md"):
        fetch(source, source)


def test_what_lies_in_a_wrong_place_is_named_with_the_right_one(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source.parent)
    (folder := Path(source.name)).joinpath("README.md").write_text("card")
    Path("digit-recognizer.zip").touch()
    assert reader(folder).__name__.endswith("folder")
    with pytest.raises(InputError, match=r"README\.md; move digit-recognizer\.zip there, then run"):
        fetch(folder, folder)
    (inner := folder / "digit-recognizer").mkdir()
    for name in FILES:
        (inner / name).write_text("x")
    assert reader(folder).__name__.endswith("folder")
    with pytest.raises(InputError, match=f"move the files up from {inner}, then run dvc add"):
        fetch(folder, folder)


def test_a_temporary_copy_is_named_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place := tmp_path / ".dvc" / "tmp" / "exps" / "a" / "mine").mkdir(parents=True)
    monkeypatch.chdir(place.parent)
    with pytest.raises(InputError, match=r"copy holds only tracked files: .* run dvc add mine/"):
        fetch(Path("mine"), Path("mine"))


def test_a_foreign_file_among_the_outputs_is_refused_and_kept(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workplace(in_tmp, capsys)
    Path("data/sources/mnist_5k").mkdir(parents=True)
    Path("data/raw").mkdir()
    for name in (".DS_Store", "train.csv", "my.zip"):
        Path("data/raw", name).write_text(name)
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
