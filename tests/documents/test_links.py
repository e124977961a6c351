"""What the documents say is what the project holds."""

import json
import re

import pytest

from tests.support.clone import ROOT

README = (ROOT / "README.md").read_text()


def test_the_figures_are_those_of_the_default_run() -> None:
    scores = json.loads((ROOT / "metrics" / "evaluate.json").read_text())
    row = next(line for line in README.splitlines() if re.match(r"\| 0\.\d{4} \| 0", line))
    found = [float(number) for number in re.findall(r"0\.\d+", row)]
    names = ("accuracy", "accuracy_low", "accuracy_high", "log_loss", "calibration_error")
    expected = [scores[name] for name in (*names, "train_accuracy")]
    assert found == pytest.approx(expected, abs=5.1e-5)


@pytest.mark.parametrize("document", ["README.md", "data/README.md"])
def test_every_link_leads_somewhere(document: str) -> None:
    path = ROOT / document
    text = path.read_text()
    links = re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r'src(?:set)?="([^"]+)"', text)
    assert links
    for link in links:
        assert link.startswith("http") or (path.parent / link).exists(), link


def test_every_command_is_a_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"(?:^|`|\$ |&& )make ([a-z]+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
