"""Kaggle's zip, unpacked; what is refused stands in `test_refuse_archives`."""

import zipfile
from pathlib import Path

import pytest

from stages import fetch_kaggle

FILES = {"train.csv": "label,pixel0\n1,2\n", "test.csv": "pixel0\n3\n"}
WHOLE = FILES | {"sample_submission.csv": "ImageId,Label\n1,0\n"}


def make(entries: dict[str, str]) -> None:
    fetch_kaggle.ARCHIVE.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(fetch_kaggle.ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)


@pytest.mark.usefixtures("in_tmp")
def test_the_two_files_are_unpacked() -> None:
    make(WHOLE)
    fetch_kaggle.main()
    found = {path.name: path.read_text() for path in Path("data/kaggle").iterdir()}
    assert found == FILES
