"""The pipeline that trains the network which refuses what is no digit."""

import subprocess
import sys

from tests.support.clone import ROOT


def test_the_network_is_what_its_pipeline_recorded() -> None:
    command = [sys.executable, "-m", "dvc", "status", "tools/recognize/dvc.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "up to date" in done.stdout, f"dvc repro tools/recognize/dvc.yaml: {done.stdout}"
