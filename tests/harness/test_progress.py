"""Progress: a bar in a terminal, whole lines in a log."""

import os
import subprocess
import sys
from contextlib import suppress

import pytest

from tests.conftest import Run
from tests.support.clone import ROOT

CODE = """
from stages.harness.progress import Progress
with Progress(3, "images") as bar:
    bar.mininterval = 0  # shows each update
    for i in range(3):
        bar.say(f"epoch {i}")
        bar.update()
"""
LINES = ["epoch 0", "epoch 1", "epoch 2"]


def test_a_log_has_whole_lines_only(run_python: Run) -> None:
    done = run_python("-c", CODE)
    assert (done.stdout.splitlines(), done.stderr) == (LINES, "")


def test_a_terminal_has_a_bar_with_the_time_left() -> None:
    termios = pytest.importorskip("termios")  # not on Windows
    ours, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    command, shown = [sys.executable, "-c", CODE], b""
    with subprocess.Popen(
        command, cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        with suppress(OSError):  # at the end
            while part := os.read(ours, 1024):
                shown += part
    os.close(ours)
    assert process.returncode == 0, shown
    text = shown.decode().replace("\r", "\n")
    assert "2.00/3.00" in text
    assert "<00:00" in text  # the time left
    assert [line for line in text.splitlines() if line.startswith("epoch")] == LINES
