"""What outputs were made with."""

import shutil
from importlib import metadata
from pathlib import Path

import pytest

from stages.harness import provenance
from stages.harness.provenance import list_unpinned
from tests.support.clone import ROOT
from tests.support.workplace import Workplace


def test_packages_are_as_pinned() -> None:
    """Else `make test` would test others than users get."""
    assert list_unpinned() == []


def test_other_versions_are_named(
    in_tmp: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = {"numpy": "1.0", "pandas": None}

    def find_version(name: str) -> str:
        found = versions.get(name, metadata.version(name))
        if found is None:
            raise metadata.PackageNotFoundError(name)
        return found

    pinned = metadata.version("numpy"), metadata.version("pandas")
    monkeypatch.setattr(provenance, "version", find_version)
    shutil.copy(ROOT / "requirements.txt", in_tmp)
    Path("data/sources/mnist_5k").mkdir(parents=True)
    place = Workplace(in_tmp, capsys)
    assert place.run("check")[0] == 0
    assert list_unpinned() == [
        f"numpy 1.0 (pinned: =={pinned[0]})",
        f"pandas missing (pinned: =={pinned[1]})",
    ]
