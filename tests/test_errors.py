"""How a stage ends."""

import signal
import subprocess
import sys
import time

import pytest

from stages.errors import InputError, printable, run
from tests.clone import ROOT


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("train.csv line 3:\n what"), "error: train.csv line 3: what"),
        (OSError(28, "No space left", "data/x"), "error: data/x: No space left; free some space"),
        (OSError("no mirror"), "error: no mirror"),
        (
            FileNotFoundError(2, "No such file", "x.npy"),
            "error: x.npy: No such file; run dvc repro",
        ),
        (PermissionError(13, "Permission denied", "x"), "error: x: Permission denied; allow it"),
        (OSError(5, "Input/output error", "x"), "error: x: Input/output error; run it again"),
        (InputError("\x1b[31m6.png: no"), "error: \\x1b[31m6.png: no"),
        (OSError(5, "Input/output error", "\x1b]0;a\x07"), "error: \\x1b]0;a\\x07: Input/output"),
        (OSError(36, "File name too long", "x"), "error: x: File name too long; give a shorter"),
        (MemoryError(), "error: out of memory"),
    ],
)
def test_what_a_user_can_mend_is_one_line(error: BaseException, line: str) -> None:
    def main() -> None:
        raise error

    with pytest.raises(SystemExit) as caught:
        run(main)
    assert line in str(caught.value.code)
    assert "\n" not in str(caught.value.code)


def test_what_commands_a_terminal_is_shown_instead() -> None:
    assert printable("esc\x1b[31m6\x9b2J.png") == "esc\\x1b[31m6\\x9b2J.png"
    assert printable("a\u202egnp.b") == "a\\u202egnp.b"  # or it would be read backwards
    assert printable("b\udcff\n .png") == "b\\udcff .png"
    assert printable("été 7 数字.png") == "été 7 数字.png"


def test_a_mistake_of_ours_shows_its_traceback() -> None:
    def main() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(main)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_stage_in_one_line(number: signal.Signals) -> None:
    code = (
        "import time; from stages.errors import run;"
        "run(lambda: (print('started', flush=True), time.sleep(60)))"
    )
    stage = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert stage.stdout
    assert stage.stdout.readline() == "started\n"
    time.sleep(0.1)
    stage.send_signal(number)
    _, shown = stage.communicate(timeout=10)
    assert stage.returncode == 130
    assert shown == "stopped: run it again to finish\n"


def test_who_has_read_enough_gets_no_error() -> None:
    code = "from stages.errors import run; run(lambda: [print(i) for i in range(10**5)])"
    command = f'"{sys.executable}" -c "{code}" | head -n 2'
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("0\n1\n", "")
