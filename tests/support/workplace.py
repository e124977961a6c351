"""How a stage refuses bad input: what a test asks of every case in the `test_refuse_*` modules."""

import importlib
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stages.harness.errors import run


class Workplace:
    """A working folder where a stage runs as a user runs it, in this process."""

    def __init__(self, folder: Path, shown: pytest.CaptureFixture[str]) -> None:
        self.folder, self._shown = folder, shown

    def run(self, stage: str) -> tuple[int, str]:
        """Runs a stage; returns the exit status and what stands on stderr."""
        main = importlib.import_module(f"stages.{stage}").main
        status, said = 0, ""
        self._shown.readouterr()
        with _same_handler():
            try:
                run(main)
            except SystemExit as stop:
                # What Python does with it when it ends.
                status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
                said = f"{stop.code}\n" if isinstance(stop.code, str) else ""
        return status, self._shown.readouterr().err + said

    def refuses(self, stage: str, *expected: str) -> str:
        """Asks for one line that holds `expected`, no output and untouched inputs."""
        before = self.files()
        status, said = self.run(stage)
        check_refusal(status, said, *expected)
        assert self.files() == before
        return said

    def files(self) -> dict[str, bytes]:
        """All files with what is in them, and all folders."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else b"folder"
            for path in self.folder.rglob("*")
        }


def check_refusal(status: int, said: str, *expected: str) -> None:
    assert status != 0, "accepted"
    assert said.startswith("error: "), said
    assert said.count("\n") == 1, said
    assert said.endswith("\n"), said
    assert "Traceback" not in said
    assert len(said) < 1000, said
    for text in expected:
        assert text in said


@contextmanager
def _same_handler() -> Iterator[None]:
    """`run` stops a stage at SIGTERM; the tests' own process goes on as before."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)
