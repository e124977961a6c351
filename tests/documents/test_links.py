"""What the documents say is what the project holds."""

import json
import re
from pathlib import Path

import pytest

from tests.support.clone import ROOT

DOCUMENTS = [
    ROOT / name
    for pattern in ("*.md", "docs/*.md", "data/**/*.md", "benchmarks/*.md")
    for name in sorted(ROOT.glob(pattern))
]
LONGEST = {"README.md": 130, "docs": 149}  # lines
LINK = re.compile(r"""\]\(([^)#]+)(?:#[^)]*)?\)|(?:src|srcset)="([^"]+)\"""")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("name", names(DOCUMENTS))
def test_every_link_and_target_is_there(name: str) -> None:
    path = ROOT / name
    text = path.read_text()
    for link in (first or second for first, second in LINK.findall(text)):
        assert link.startswith("http") or (path.parent / link).exists(), link
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^|`|\$ |&& )make ([a-z]+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_stage_that_is_explained_is_as_in_the_pipeline() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "dvc.md").read_text(), re.DOTALL)
    for block, name in zip(blocks, ("dvc.yaml", "dvc.lock"), strict=True):
        for part in re.split(r"^ *#.*\n", block, flags=re.MULTILINE):  # a comment: lines left out
            assert re.sub(" #.*", "", part) in (ROOT / name).read_text()


@pytest.mark.parametrize("name", names(DOCUMENTS))
def test_a_page_is_short_and_says_what_it_is_for(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    if (kind := name.split("/")[0]) in LONGEST:
        assert len(lines) <= LONGEST[kind]
    if kind == "docs":
        assert lines[2].startswith("After this page you ")


def test_the_readme_shows_the_accuracy_of_the_default_run() -> None:
    scores = json.loads((ROOT / "metrics" / "evaluate.json").read_text())
    shown = re.findall(
        r"^metrics/evaluate.json +(\w+) +([\d.]+)", (ROOT / "README.md").read_text(), re.M
    )
    assert shown
    for metric, value in shown:
        assert float(value) == pytest.approx(scores[metric], abs=5.1e-5)
