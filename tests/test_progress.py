"""Progress: a bar in a terminal, lines in a log."""

import os
import subprocess
import sys
import termios
from contextlib import suppress

from tests.clone import ROOT
from tests.conftest import Run

CODE = """
from time import sleep
from stages.progress import Progress
with Progress(3, "images") as bar:
    for i in range(3):
        sleep(0.15)
        bar.say(f"epoch {i}")
        bar.update()
"""


def in_terminal(code: str) -> str:
    """What Python writes to a terminal of 80 columns."""
    ours, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        written = b""
        with suppress(OSError):  # at the end
            while found := os.read(ours, 1024):
                written += found
    os.close(ours)
    assert process.returncode == 0, written
    return written.decode()


def test_a_log_has_whole_lines_only(run_python: Run) -> None:
    done = run_python("-c", CODE)
    assert done.stdout == "epoch 0\nepoch 1\nepoch 2\n"
    assert done.stderr == ""


def test_a_terminal_has_a_bar_with_the_time_left() -> None:
    written = in_terminal(CODE)
    assert "2/3" in written.replace(".00", "")
    assert "<00:00" in written  # the time left
    lines = written.replace("\r", "\n").splitlines()
    assert [line for line in lines if line.startswith("epoch")] == ["epoch 0", "epoch 1", "epoch 2"]
