"""A stage run in this process, as a user runs it."""

import importlib
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.harness.errors import run

Ask = Callable[..., tuple[int, list[str], list[str]]]  # a tool's words to what `ask` returns
# How many examples a property is tested with.
examples = pytest.mark.parametrize("count", [20, pytest.param(500, marks=pytest.mark.nightly)])


class Workplace:
    """A working folder where a stage runs as a user runs it, in this process."""

    def __init__(self, folder: Path, shown: pytest.CaptureFixture[str]) -> None:
        self.folder, self._shown = folder, shown

    def run(self, name: str) -> tuple[int, str]:
        """Runs a stage, or `tools.` and a tool; returns the exit status and the text on stderr."""
        module = importlib.import_module(name if "." in name else f"stages.{name}")
        status, _, said = run_main(module.main, self._shown)
        return status, said

    def ask(self, tool: str, *words: str) -> tuple[int, list[str], list[str]]:
        """Runs a tool as it is typed; returns the exit status, and the lines of both outputs."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", [tool, *words])
            main = importlib.import_module(f"tools.{tool}").main
            status, printed, said = run_main(main, self._shown)
        return status, printed.splitlines(), said.splitlines()

    def refuses(self, name: str, *expected: str) -> str:
        """Checks that it prints one line that holds `expected`, and changes no file."""
        before = self.files()
        status, said = self.run(name)
        check_refusal(status, said, *expected)
        assert self.files() == before
        return said

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else b"folder"
            for path in self.folder.rglob("*")
        }


def check_refusal(status: int, said: str, *expected: str) -> None:
    assert status != 0, "accepted"
    assert re.fullmatch("error: .{1,1000}\n", said), said
    for text in expected:
        assert text in said


def run_main(main: Callable[[], None], shown: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Runs a stage or a tool in this process: exit status, and what it prints to both outputs."""
    code: int | str | None = None
    shown.readouterr()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        run(main)
    except SystemExit as stop:
        code = stop.code
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    printed, said = shown.readouterr()
    if isinstance(code, str):  # which Python prints when it ends
        return 1, printed, f"{said}{code}\n"
    return int(code or 0), printed, said
