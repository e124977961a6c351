"""A folder with two CSV files, as they are or in zip files; see also `test_refuse_archives`."""

import zipfile
from pathlib import Path

import pytest

from stages.harness.errors import InputError
from stages.sources.folder import fetch, find

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


@pytest.mark.usefixtures("in_tmp")
def test_the_nearest_name_is_suggested() -> None:
    for name in ("kaggle", "mnist", "mnist_5k"):
        Path("data/sources", name).mkdir(parents=True)
    assert find("mnist") == Path("data/sources/mnist")
    for name, hint in (("kagle", "did you mean kaggle?"), ("x", "there are kaggle, mnist, mnist_")):
        with pytest.raises(InputError, match=f"no folder data/sources/{name}; {hint}"):
            find(name)
