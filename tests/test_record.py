"""The record of what made the outputs: written with them, kept while they stay the same."""

import json
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

from stages import record
from stages.origin import digests
from tests.clone import ROOT


@pytest.fixture
def made(in_tmp: Path) -> Path:
    """Outputs to record."""
    shutil.copy(ROOT / "requirements.in", in_tmp)
    Path("data/model").mkdir(parents=True)
    Path("metrics").mkdir()
    for path in ("data/model/model.tflite", "metrics/evaluate.json", "data/submission.csv"):
        Path(path).write_text(path)
    return in_tmp


@pytest.mark.usefixtures("made")
def test_machine_and_versions_are_recorded() -> None:
    record.main()
    found = json.loads(record.RECORD.read_text())
    assert (found["machine"], found["python"]) == (platform.machine(), platform.python_version())
    assert found["packages"]["tensorflow"] == version("tensorflow")
    assert found["packages"]["numpy"] == version("numpy")
    assert set(found["sha256"]) == {
        "data/model/model.tflite", "metrics/evaluate.json", "data/submission.csv",
    }  # fmt: skip


@pytest.mark.usefixtures("made")
def test_who_made_the_same_first_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    record.main()
    first = record.RECORD.read_bytes()
    monkeypatch.setattr(platform, "machine", lambda: "another")
    record.main()
    assert record.RECORD.read_bytes() == first
    Path("data/submission.csv").write_text("others")
    record.main()
    assert json.loads(record.RECORD.read_text())["machine"] == "another"


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("text", ["", "[]", "{}", "7", '{"sha256": 7}', "\x80"])
def test_an_unreadable_record_is_written_anew(text: str) -> None:
    record.RECORD.write_text(text, encoding="latin-1")
    record.main()
    assert json.loads(record.RECORD.read_text())["sha256"] == digests(record.MADE)
