"""What a system can do to a run: each ends in one clear line, and the next run mends all."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path

import pytest

from tests.support.clone import Clone
from tests.support.interruption import Uninterrupted, repro

pytestmark = [pytest.mark.nightly, pytest.mark.slow, pytest.mark.xdist_group("adversity")]

# Root may write anywhere, unless it gives that up.
BOUND = "--bounding-set=-dac_override,-dac_read_search"
PLAIN = () if os.geteuid() else ("setpriv", BOUND)
PAGE = 4096
# Each stage, what it makes, and how many pages of the disk are left: some outputs are small.
FULL = [
    ("preprocess", "data/prepared", 8),
    ("train", "data/model", 8),
    ("predict", "metrics/test_predictions.csv", 1),
    ("record", "metrics/environment.json", 0),
]


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


@contextmanager
def filled(folder: Path, pages: int) -> Iterator[None]:
    """Leaves a few pages on the disk of `folder`."""
    filler = folder / "filler"
    free = os.statvfs(folder)
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize - pages * PAGE))
    try:
        yield
    finally:
        filler.unlink()


def fails(pipeline: Uninterrupted, *arguments: str) -> str:
    """Runs `dvc repro`, which must fail without a traceback; returns its one line that says why."""
    with repro(pipeline.clone, *arguments, prefix=PLAIN) as run:
        run.until(None)
        assert run.process.wait() == 255, run.printed
    assert "Traceback" not in run.printed
    lines = [line for line in run.printed.splitlines() if line.lower().startswith("error: ")]
    ours = [line for line in lines if line.startswith("error: ")]
    assert len(ours) == 1 or len(lines) == 1, run.printed
    return (ours or lines)[0]


@pytest.mark.parametrize(("stage", "output", "pages"), FULL)
def test_a_full_disk(pipeline: Uninterrupted, stage: str, output: str, pages: int) -> None:
    folder = pipeline.clone.folder
    if not folder.parent.is_mount():
        pytest.skip("cannot mount a small disk: needs root")
    path = folder / output
    if path.is_file():
        path.unlink()
    elif output.startswith("data/"):
        shutil.rmtree(path)
    with filled(folder, pages):
        line = fails(pipeline, "--force", "--single-item", stage)
    # With a page left for two outputs either may be the one that does not fit.
    named = [f"error: {output}", *["error: data/submission.csv"] * (stage == "predict")]
    assert line.startswith(tuple(named)) or pages == 0  # not enough for DVC itself
    assert "No space left on device" in line or "not written whole" in line
    pipeline.again()


@pytest.mark.parametrize(
    ("folder", "stage"),
    [("data/split", "split"), ("metrics", "evaluate")],
)
def test_a_folder_that_cannot_be_written(pipeline: Uninterrupted, folder: str, stage: str) -> None:
    path = pipeline.clone.folder / folder
    path.chmod(0o555)
    try:
        line = fails(pipeline, "--force", "--single-item", stage)
    finally:
        path.chmod(0o755)
    # DVC removes the old data/split itself; Python 3.13 words that otherwise.
    assert "Permission denied" in line or "Directory not empty" in line
    assert folder in line
    pipeline.again()


def test_a_cache_that_cannot_be_written(pipeline: Uninterrupted) -> None:
    cache = pipeline.clone.folder / ".dvc" / "cache"
    shutil.rmtree(cache)
    cache.mkdir(mode=0o555)
    try:
        line = fails(pipeline, "--force", "--single-item", "split")
        assert "Permission denied: '" in line
        assert ".dvc/cache" in line
    finally:
        cache.chmod(0o755)
    pipeline.again()


DAMAGED = ("data/prepared/train_labels.npy", "data/split/train.npy", "data/model/model.tflite")


def test_damaged_objects_in_the_cache(pipeline: Uninterrupted) -> None:
    """DVC trusts its cache and hands them out; the stages that read them do not."""
    folder = pipeline.clone.folder
    for number, name in enumerate(DAMAGED):
        data = (folder / name).read_bytes()
        digest, middle = md5(data).hexdigest(), len(data) // 2
        rest = bytes([data[middle] ^ 1]) + data[middle + 1 :] if number else b""  # or cut
        kept = folder / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:]
        kept.chmod(0o644)
        kept.write_bytes(data[:middle] + rest)
        kept.chmod(0o444)
    for name in ("prepared", "split", "model"):
        shutil.rmtree(folder / "data" / name)
    pipeline.clone.dvc("checkout")
    for stage in ("predict", "evaluate", "train", "split"):  # DVC removes the outputs of each
        line = fails(pipeline, "--force", "--single-item", stage)
        assert line.startswith(tuple(f"error: {name}: " for name in DAMAGED))
    printed = pipeline.clone.run("python", "-m", "tools.repair", "--cache")
    assert printed.count("was damaged") >= len(DAMAGED)
    pipeline.again()


def test_two_at_once(pipeline: Uninterrupted) -> None:
    """The second finds the first at work, says so and ends; the first is not disturbed."""
    with repro(pipeline.clone, "--force") as first:
        first.until("train")
        second = fails(pipeline, "--force", "train")
        first.until(None)
        assert first.process.wait() == 0, first.printed
    assert "is busy, it is being blocked by" in second or "lock" in second
    pipeline.again()
