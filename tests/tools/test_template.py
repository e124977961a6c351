"""A copy for other images: one command removes what only digits need."""

import sys

import pytest

from tests.support.clone import Clone


@pytest.mark.slow
def test_what_is_left_is_whole(clone: Clone) -> None:
    def make(name: str, status: int = 0) -> str:
        return clone.run(sys.executable, "-m", "tools.template", name, status=status)

    assert "expected one name" in make("../tiles", 1)
    clone.set("report.images_shown", 9)
    assert make("tiles", 1).startswith("error: git has changes that are not committed")
    clone.commit()
    assert make("tiles").startswith("tiles: see git diff HEAD")
    clone.run("ruff", "check")
    clone.run("ruff", "format", "--check")
    # docs/adapt.md has `make check` here, which its own test runs.
    clone.run(
        "pytest", "-q", "-m", "not slow and not nightly", "tests/documents", "tests/reporting"
    )
