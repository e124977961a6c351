"""Killed or stopped anywhere, the pipeline finishes at the next `make repro`: the same bytes.

`KILLS=50 pytest tests/pipeline/test_survive.py` kills it fifty times; twice by default.
"""

import os
import random
import signal
import time

import pytest

from tests.support.clone import ALL, Clone
from tests.support.interruption import Uninterrupted, repro

pytestmark = [pytest.mark.nightly, pytest.mark.slow, pytest.mark.xdist_group("survive")]

KILLS = int(os.environ.get("KILLS", "2"))
DRAW = random.Random(0)
# After the start of a stage: for another time, in which the next stages may start.
KILLED = [(ALL[(4 + 3 * i) % len(ALL)], DRAW.uniform(0, 3)) for i in range(KILLS)]


@pytest.fixture(scope="module")
def pipeline(reproduced: Clone, tmp_path_factory: pytest.TempPathFactory) -> Uninterrupted:
    return Uninterrupted(reproduced.copied(tmp_path_factory.mktemp("interrupted") / "clone"))


@pytest.mark.parametrize(("stage", "seconds"), KILLED)
def test_a_killed_run_finishes_at_the_next(
    pipeline: Uninterrupted, stage: str, seconds: float
) -> None:
    pipeline.start_anew()
    with repro(pipeline.clone) as run:
        run.until(stage)
        time.sleep(seconds)
        assert run.end(signal.SIGKILL) == -signal.SIGKILL, run.printed
    pipeline.again()


@pytest.mark.parametrize(("stage", "seconds"), [("split", 0.2), ("train", 1), ("train", 4)])
def test_ctrl_c_ends_in_a_line(pipeline: Uninterrupted, stage: str, seconds: float) -> None:
    """While it imports, while TensorFlow loads, while it works: no traceback, no half output."""
    with repro(pipeline.clone, "--force", "--single-item", stage) as run:
        run.until(stage)
        time.sleep(seconds)
        assert run.end(signal.SIGINT) == 255, run.printed
    assert "Traceback" not in run.printed
    said = [line for line in run.printed.splitlines() if "stopped" in line or "ERROR" in line]
    assert said[0] == "stopped: run it again to finish" or len(said) == 1
    assert f"ERROR: failed to reproduce '{stage}'" in said[-1]
    assert pipeline.found().items() <= pipeline.files.items()
    pipeline.again()
