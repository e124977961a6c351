"""Killed or stopped anywhere, the pipeline finishes at the next `make repro`: the same bytes.

`KILLS=50 pytest tests/test_survive.py` kills it fifty times; a few times by default.
"""

import os
import random
import signal
import time

import pytest

from tests.support.clone import Clone
from tests.support.interruption import Uninterrupted, repro

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "9"))
MOMENTS = [
    *("train", "fetch", "predict", "split", "evaluate", "preprocess", "start", "record", "report"),
]
DRAW = random.Random(0)
KILLED = [(MOMENTS[i % len(MOMENTS)], DRAW.random()) for i in range(KILLS)]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Uninterrupted:
    return Uninterrupted(Clone.of_project(tmp_path_factory.mktemp("interrupted")))


@pytest.mark.parametrize(("stage", "part"), KILLED)
def test_a_killed_run_finishes_at_the_next(
    uninterrupted: Uninterrupted, stage: str, part: float
) -> None:
    uninterrupted.start_anew()
    with repro(uninterrupted.clone) as run:
        if stage != "start":
            run.until(stage)
        time.sleep(part * uninterrupted.took[stage])
        assert run.end(signal.SIGKILL) == -signal.SIGKILL, run.printed
    print(uninterrupted.again())  # what it mended
    assert uninterrupted.found() == uninterrupted.files


@pytest.mark.parametrize(
    ("stage", "part"), [("split", 0.3), ("train", 0.1), ("train", 0.4), ("predict", 0.5)]
)
def test_ctrl_c_ends_in_a_line(uninterrupted: Uninterrupted, stage: str, part: float) -> None:
    """While it imports, while TensorFlow loads, while it works: no traceback, no half output."""
    uninterrupted.again()
    with repro(uninterrupted.clone, "--force", "--single-item", stage) as run:
        run.until(stage)
        time.sleep(part * uninterrupted.took[stage])
        asked = time.monotonic()
        assert run.end(signal.SIGINT) == 255, run.printed
    assert time.monotonic() - asked < 5
    assert "Traceback" not in run.printed
    said = [line for line in run.printed.splitlines() if "stopped" in line or "ERROR" in line]
    assert said[0] == "stopped: run it again to finish" or len(said) == 1
    assert f"ERROR: failed to reproduce '{stage}'" in said[-1]
    assert uninterrupted.found().items() <= uninterrupted.files.items()
    uninterrupted.again()
    assert uninterrupted.found() == uninterrupted.files
