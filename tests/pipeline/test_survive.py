"""Killed, stopped or without a disk, the pipeline finishes at the next `make repro`: same bytes.

`KILLS=50 pytest -m nightly tests/pipeline/test_survive.py` kills it fifty times; twice by default.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256

import psutil
import pytest

from tests.support.clone import ALL, Clone, Command, ran
from tests.support.cluster import has_ended, wait_until

pytestmark = [pytest.mark.nightly, pytest.mark.slow, pytest.mark.xdist_group("survive")]
pytestmark.append(pytest.mark.timeout(900))
KILLS = int(os.environ.get("KILLS", "2"))
REPRO = (sys.executable, "-m", "dvc", "repro")
ALONE = ("--force", "--single-item")


class Uninterrupted:
    """A copy to damage, with the files of a run from nothing to the end."""

    def __init__(self, clone: Clone) -> None:
        self.clone, self.folder = clone, clone.folder
        self.files = self.hashes()

    def hashes(self) -> dict[str, str]:
        """Returns the hash of every file but git's, DVC's own, and the record of the machine."""
        others = {".git", ".dvc", "__pycache__", "dvc.lock", "environment.json"}
        return {
            path.relative_to(self.folder).as_posix(): sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if path.is_file() and not others.intersection(path.parts)
        }

    def finish(self) -> None:
        """Does what `make repro` does: afterwards all files are those of a whole run."""
        self.clone.run(sys.executable, "-m", "tools.repair")
        self.clone.dvc("repro")
        assert self.hashes() == self.files


@pytest.fixture(scope="module")
def pipeline(
    reproduced: Clone, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Uninterrupted]:
    """A copy on a small disk, where that can be had."""
    disk = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m", "none", str(disk)]
    if shutil.which("mount"):
        subprocess.run(mount, stderr=subprocess.DEVNULL, check=False)
    yield Uninterrupted(reproduced.copied(disk / "clone"))
    if disk.is_mount():
        subprocess.run(["umount", str(disk)], check=True)


def wait_for(stage: str, process: Command, seconds: float) -> str:
    """Reads what `dvc repro` prints until a stage has run for some time."""
    printed = ""
    for line in process.stdout or ():
        printed += line
        if ran(line) == [stage]:
            break
    time.sleep(seconds)
    return printed


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_run_finishes_at_the_next(pipeline: Uninterrupted, number: int) -> None:
    for words in (
        "git reset --quiet --hard",
        "git clean -xdfq",
        "rm -r metrics data/submission.csv",
    ):
        pipeline.clone.run(*words.split())  # no output and no cache of DVC is left
    with pipeline.clone.start(*REPRO) as process:
        # Three seconds after the start of a stage, the next ones may have started.
        wait_for(ALL[(4 + 3 * number) % len(ALL)], process, random.Random(number).uniform(0, 3))
    assert process.returncode == -signal.SIGKILL
    pipeline.finish()


@pytest.mark.parametrize("number", range(KILLS))
def test_a_stage_ends_with_its_dvc(pipeline: Uninterrupted, number: int) -> None:
    """Else it would replace what the next run writes; held back, it would do so even later."""
    clone = pipeline.clone
    clone.set("models.mlp.epochs", 60)
    clone.env["SHELL"] = shutil.which(("sh", "bash", "dash")[number % 3]) or ""
    with clone.start(*REPRO, "train") as process:
        wait_for("train", process, random.Random(number).uniform(0, 5))
        *_, stage = psutil.Process(process.pid).children(recursive=True)  # perhaps behind a shell
        if number % 2:
            stage.suspend()
        os.kill(process.pid, signal.SIGKILL if number % 4 < 2 else signal.SIGTERM)
        process.wait()
        clone.run("git", "checkout", "--quiet", "params.yaml")
        with clone.start(*REPRO) as second:
            time.sleep(random.Random(number).uniform(0, 4))
            with suppress(psutil.NoSuchProcess):
                stage.resume()
            second.communicate()
        wait_until(lambda: has_ended(stage.pid))
    pipeline.finish()


@pytest.mark.parametrize(("stage", "seconds"), [("split", 0.2), ("train", 1), ("train", 4)])
def test_ctrl_c_ends_in_a_line(pipeline: Uninterrupted, stage: str, seconds: float) -> None:
    """While it imports, while TensorFlow loads, while it works: no traceback, no half output."""
    with pipeline.clone.start(*REPRO, *ALONE, stage) as process:
        printed = wait_for(stage, process, seconds)
        os.killpg(process.pid, signal.SIGINT)
        printed += process.communicate()[0]
    assert process.returncode == 255, printed
    assert "Traceback" not in printed
    said = [line for line in printed.splitlines() if "stopped" in line or "ERROR" in line]
    assert said[0] == "stopped: run it again to finish" or len(said) == 1
    assert f"ERROR: failed to reproduce '{stage}'" in said[-1]
    assert pipeline.hashes().items() <= pipeline.files.items()
    pipeline.finish()


@pytest.mark.parametrize(
    ("stage", "output", "pages"),
    [
        ("preprocess", "data/prepared", 8),
        ("train", "data/model", 8),
        ("record", "metrics/environment.json", 0),
    ],
)
def test_a_full_disk(pipeline: Uninterrupted, stage: str, output: str, pages: int) -> None:
    """With a few pages left; some outputs are small."""
    if not pipeline.folder.parent.is_mount():
        pytest.skip("cannot mount a small disk: needs root")
    pipeline.clone.run("rm", "-r", output)
    filler = pipeline.folder / "filler"
    free = os.statvfs(pipeline.folder)
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize - pages * 4096))
    printed = pipeline.clone.run(*REPRO, *ALONE, stage, status=255)
    filler.unlink()
    assert "Traceback" not in printed
    ours = re.findall("(?m)^error: .*", printed)  # or one by DVC, if it comes first
    [line] = ours or re.findall("(?m)^ERROR: .*", printed)
    assert "No space left on device" in line or "free some space" in line
    pipeline.finish()
