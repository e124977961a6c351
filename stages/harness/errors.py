"""How a stage ends when something is wrong: with one line and an exit status other than 0."""

import atexit
import errno
import gc
import io
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NoReturn

from stages.harness import dvc

HELD = Lock()  # of `hold_native_log`: one thread at a time
atexit.register(gc.freeze)  # or Python would look for garbage once more: 0.9 s with TensorFlow


class InputError(ValueError):
    """A file or a parameter is not as expected. The text is the one line that the user sees."""


# DVC does not check what it takes from its cache.
MAKE_AGAIN = "run python -m tools.repair --cache, then dvc repro"
FIXES = {
    errno.ENOENT: "run dvc repro, which writes missing files, or restore it with git",
    errno.ENOSPC: "free some space and run it again",
    errno.EEXIST: "move that away, or remove it",
    errno.EAGAIN: "wait until it ends, or end it",
    errno.EBADF: "an output is closed: send it to a file or to /dev/null",
    errno.ECHILD: "run it again",
}


def describe(error: Exception) -> str:
    """Describes an error in one line, with a fix for an error of the operating system."""
    text = str(error)
    if isinstance(error, MemoryError):
        text = "out of memory"
    elif isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        # NumPy and HDF5 give no number when they could not write everything.
        fix = FIXES.get(error.errno or errno.ENOSPC, "correct that and run it again")
        text = f"{name}{error.strerror or error}; {fix}"
    return f"error: {escape(text)}"


def escape(text: str) -> str:
    """Joins a text into one line and escapes control characters, which a terminal would obey."""
    line = " ".join(text.split())
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def run(main: Callable[[], None]) -> None:
    """Calls a stage's `main`, and ends with one line and no traceback if the user can fix it.

    The exit status is 1 after an error and 130 after Ctrl-C or SIGTERM.
    """
    dvc.end_with_dvc()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # any letter, and each line at once
            stream.reconfigure(errors="backslashreplace", line_buffering=True)
    stopped = False

    def stop(*_: object) -> NoReturn:
        nonlocal stopped
        stopped = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        if "DVC_EXP_NAME" in os.environ:  # in `dvc exp run`
            dvc.touch_tracked()
            if fault := dvc.describe_experiment():
                raise InputError(fault)
        main()
    except BaseException as error:
        # A library that is being imported may turn the KeyboardInterrupt into another error.
        if stopped:
            print("stopped: run it again to finish", file=sys.stderr)
            sys.exit(130)
        if isinstance(error, BrokenPipeError):  # the reader, such as `head`, has closed stdout
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes stdout when it exits
            sys.exit(1)
        if isinstance(error, InputError | OSError | MemoryError):
            sys.exit(describe(error))
        raise
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # all is written: exit without a traceback


@contextmanager
def hold_native_log(*, shown: bool = True) -> Iterator[None]:
    """Holds back what native code writes to stderr; it is `shown` only if the block fails.

    TensorFlow 2.21 reports missing CUDA drivers there whatever the log level is.
    """
    sys.stderr.flush()
    with HELD, tempfile.TemporaryFile() as log:
        stderr = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            yield
        except Exception:
            log.seek(0)
            os.write(stderr, log.read() if shown else b"")
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


@contextmanager
def not_imported(*names: str) -> Iterator[None]:
    """Hides packages that libraries would import for features that nothing here uses."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
