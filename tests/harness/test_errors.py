"""How a stage ends: in one line if the user can fix it, in a traceback if not."""

import os
import signal
import subprocess
import sys

import pytest

from stages.harness.errors import InputError, escape, hold_native_log, run
from tests.support.clone import ROOT


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("train.csv line 3:\n \x1b[31mwhat"), r"error: train.csv line 3: \x1b[31mwhat"),
        (OSError("8 requested and 2 written"), "error: 8 requested and 2 written; free some space"),
        (OSError(2, "No such file", "x.npy"), "error: x.npy: No such file; run dvc repro"),
        (OSError(28, "No space left", "data/x"), "error: data/x: No space left; free some space"),
        (MemoryError(), "error: out of memory"),
    ],
)
def test_an_error_that_a_user_can_fix_is_one_line(error: BaseException, line: str) -> None:
    def main() -> None:
        raise error

    with pytest.raises(SystemExit) as caught:
        run(main)
    assert str(caught.value.code).startswith(line)
    assert "\n" not in str(caught.value.code)


def test_control_characters_are_escaped() -> None:
    assert escape("a\u202egnp.b\x9b2J") == "a\\u202egnp.b\\x9b2J"  # would be shown backwards
    assert escape("b\udcff\n .png") == "b\\udcff .png"
    assert escape("été 7 数字.png") == "été 7 数字.png"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_stage_in_one_line(number: signal.Signals) -> None:
    code = (
        "import time; from stages.harness.errors import run;"
        "run(lambda: (print('started', flush=True), time.sleep(60)))"
    )
    command, pipe = [sys.executable, "-c", code], subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as stage:
        assert stage.stdout
        assert stage.stdout.readline() == "started\n"
        stage.send_signal(number)
        _, printed = stage.communicate(timeout=10)
    assert (stage.returncode, printed) == (130, "stopped: run it again to finish\n")


def test_a_reader_that_closes_the_output_causes_no_error() -> None:
    code = "from stages.harness.errors import run; run(lambda: [print(i) for i in range(10**5)])"
    command = f'"{sys.executable}" -c "{code}" | head -n 2'
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("0\n1\n", "")


def test_a_native_log_is_shown_only_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with hold_native_log():
        os.write(2, b"no CUDA\n")
    with pytest.raises(ZeroDivisionError), hold_native_log():
        os.write(2, b"why\n")
        raise ZeroDivisionError
    assert capfd.readouterr().err == "why\n"
