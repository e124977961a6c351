"""What outputs were made with."""

import shutil
from importlib import metadata
from pathlib import Path

import pytest

from stages import check
from stages.harness import provenance
from stages.harness.provenance import list_unpinned
from tests.support.clone import ROOT
from tests.support.workplace import run_main


def test_packages_are_as_pinned() -> None:
    """Else `make test` would test others than users get."""
    assert list_unpinned() == []


def test_other_versions_are_named(
    in_tmp: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_version(name: str) -> str:
        if name == "pandas":
            raise metadata.PackageNotFoundError(name)
        return "1.0" if name == "numpy" else metadata.version(name)

    pinned = metadata.version("numpy"), metadata.version("pandas")
    monkeypatch.setattr(provenance, "version", find_version)
    shutil.copy(ROOT / "requirements.txt", in_tmp)
    Path("data/sources/mnist_5k").mkdir(parents=True)
    status, printed, said = run_main(check.main, capsys)
    assert (status, said) == (0, "")
    unpinned = f"numpy 1.0 (pinned: =={pinned[0]}), pandas missing (pinned: =={pinned[1]})"
    warning = f"warning: installed otherwise than in requirements.txt: {unpinned}"
    assert printed.splitlines()[0] == warning
