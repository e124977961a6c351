"""The record of what made the outputs: written with them, kept while they stay the same."""

import json
import platform
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from stages import record
from stages.harness import paths
from stages.harness.errors import InputError
from tests.support.clone import ROOT

OUTPUTS = [paths.MODEL / "fold_1" / "model.tflite", paths.SCORES, paths.SUBMISSION]


@pytest.fixture(autouse=True)
def _outputs(in_tmp: Path) -> None:
    shutil.copy(ROOT / paths.PYPROJECT, in_tmp)
    for path in OUTPUTS:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)


def read_record() -> Any:
    return json.loads(paths.ENVIRONMENT.read_text())


def test_the_first_record_of_the_same_bytes_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    record.main()
    first = paths.ENVIRONMENT.read_bytes()
    assert read_record()["packages"]["numpy"] == version("numpy")
    assert set(read_record()["sha256"]) == {path.as_posix() for path in OUTPUTS}
    monkeypatch.setattr(platform, "machine", lambda: "another")
    record.main()
    assert paths.ENVIRONMENT.read_bytes() == first
    paths.SUBMISSION.write_text("other predictions")
    record.main()
    assert read_record()["machine"] == "another"


def test_a_package_that_is_not_installed_is_named() -> None:
    text = paths.PYPROJECT.read_text()
    paths.PYPROJECT.write_text(text.replace('"numpy"', '"numpy", "nosuchpackage"'))
    with pytest.raises(InputError, match=r"nosuchpackage: not installed; run make repro"):
        record.main()
