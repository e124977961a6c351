"""How a stage ends when something is wrong: one line, and a status that is not 0."""

import errno
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn


class InputError(ValueError):
    """A file or a parameter is not what it should be; its text is the one line the user sees."""


# What helps where the system refuses.
REMEDIES = {
    errno.ENOENT: "run dvc repro, which makes what is missing",
    errno.ENOSPC: "free some space and run it again",
    errno.EDQUOT: "free some space and run it again",
    errno.EACCES: "allow it and run it again",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.EROFS: "allow writing and run it again",
}


def as_line(error: Exception) -> str:
    """Says in one line what a user can mend."""
    text = str(error)
    if isinstance(error, MemoryError):
        text = "out of memory"
    elif isinstance(error, OSError):
        remedy = REMEDIES.get(error.errno or 0, "run it again")
        text = f"{error.filename}: {error.strerror}; {remedy}" if error.filename else text
    return f"error: {printable(text)}"


def printable(text: str) -> str:
    """Puts a text on one line, and shows what could command a terminal: as \\x1b, not as it is."""
    line = " ".join(text.split())
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in line
    )


def run(main: Callable[[], None]) -> None:
    """Calls a stage's `main`; what a user can mend ends in one line instead of a traceback."""
    stopped = False

    def stop(*_: object) -> NoReturn:
        nonlocal stopped
        stopped = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        main()
    except BaseException as error:
        # Libraries turn a KeyboardInterrupt into other errors, when it comes while they load.
        if stopped:
            print("stopped: run it again to finish", file=sys.stderr)
            sys.exit(130)
        if isinstance(error, BrokenPipeError):  # who reads what is printed has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # also for what Python has still to write
            sys.exit(1)
        if isinstance(error, InputError | OSError | MemoryError):
            sys.exit(as_line(error))
        raise
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # all is written: no traceback of the shutdown


@contextmanager
def native_log_held_back() -> Iterator[None]:
    """Shows what native code writes to stderr only if the block fails.

    TensorFlow 2.21 reports missing CUDA drivers there, and heeds no log level.
    """
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            yield
        except Exception:
            log.seek(0)
            os.write(shown, log.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)
