"""Notes what code does beside reading, and writing in the working folder."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

FORBIDDEN = {
    "os.exec", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn",
    "subprocess.Popen", "pickle.find_class", "socket.__new__", "socket.connect", "socket.bind",
    "socket.getaddrinfo", "urllib.Request", "os.link", "os.symlink", "os.chmod", "os.chown",
}  # fmt: skip
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_found: list[list[str]] = []  # that of the `watched` block that runs


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collects every event that no stage but a download has a reason for."""
    _install()
    _found.append([])
    try:
        yield _found[-1]
    finally:
        _found.pop()


@cache
def _install() -> None:
    tempfile.gettempdir()  # which writes a file when it is first called
    sys.addaudithook(_note)  # for good: Python cannot remove it


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _found and _is_forbidden(event, arguments):
        _found[-1].append(f"{event} {arguments!r:.200}")


def _is_forbidden(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        path, _, flags = arguments
        # A folder that is opened to be written to is a file without a name.
        named = not isinstance(path, int) and path != tempfile.gettempdir()
        return bool(flags & WRITING) and named and _is_outside(path)
    if event in CHANGES:
        return any(_is_outside(path) for path in arguments if isinstance(path, str | os.PathLike))
    return event in FORBIDDEN


def _is_outside(path: Any) -> bool:
    return not Path(os.fsdecode(path)).resolve().is_relative_to(Path.cwd())
