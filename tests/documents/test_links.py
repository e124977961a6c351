"""What the documents point at is there, and what they quote is as they say."""

import re
from pathlib import Path

import pytest

from tests.support.clone import ROOT

PATTERNS = ("*.md", "docs/*.md", "data/**/*.md", "benchmarks/*.md")
PAGES = sorted(path.relative_to(ROOT) for pattern in PATTERNS for path in ROOT.glob(pattern))
LINK = re.compile(r"""\]\(([^)#]+)(?:#[^)]*)?\)|(?:src|srcset)="([^"]+)\"""")
LINE = re.compile(r"\[([^\]]+)\]\(([^)#]+)#L(\d+)\)")
MAKE = re.compile(r"(?:^|`|\$ |&& )make ([a-z]+)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_and_target_is_there(page: Path) -> None:
    path, makefile = ROOT / page, (ROOT / "Makefile").read_text()
    text = path.read_text()
    for link in (first or second for first, second in LINK.findall(text)):
        assert link.startswith("http") or (path.parent / link).exists(), link
    for target in MAKE.findall(text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for word, file, number in LINE.findall(text):
        line = (path.parent / file).read_text().splitlines()[int(number) - 1]
        assert word.strip("`") in line, f"{file}:{number} is now: {line}"


def without_digests(text: str) -> str:
    """Leaves out what other data change: digests and numbers."""
    return re.sub(r"\b[0-9a-f]{32}\b|\d+", "", text)


def test_the_stage_that_is_explained_is_as_in_the_pipeline() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "dvc.md").read_text(), re.DOTALL)
    for block, name in zip(blocks, ("dvc.yaml", "dvc.lock"), strict=True):
        for part in re.split(r"^ *#.*\n", block, flags=re.MULTILINE):  # a comment: lines left out
            shown = without_digests(re.sub(" #.*", "", part))
            assert shown in without_digests((ROOT / name).read_text())
