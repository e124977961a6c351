"""A stage ends with the DVC that started it: an orphan would write into the next run's outputs."""

import errno
import os
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

PARENT = os.getppid()  # DVC, or the shell that it starts the stage with


@cache
def _find_dvc() -> Any:
    """Returns the process of DVC, a `psutil.Process`; None if it has ended already."""
    import psutil

    try:
        dvc = psutil.Process(PARENT)
        if "-m stages." in " ".join(dvc.cmdline()):  # a shell that waits for its command
            dvc = dvc.parent()
        # When DVC has ended, another process is in its place, such as init.
        is_dvc = "python" in dvc.name().lower() or "dvc" in " ".join(dvc.cmdline())
    except (psutil.NoSuchProcess, AttributeError):  # a shell without a parent
        return None
    except psutil.AccessDenied:  # a system that hides other processes: assume that DVC runs
        return psutil.Process()
    return dvc if is_dvc else None


def is_orphan() -> bool:
    """Returns whether DVC started this process and has ended since."""
    if "DVC_STAGE" not in os.environ:
        return False
    dvc = _find_dvc()
    return dvc is None or not dvc.is_running() or dvc.status() == "zombie"


def refuse(path: Path) -> None:
    """Raises a ChildProcessError from an orphan: the next run may have made `path` already."""
    if is_orphan():
        raise ChildProcessError(errno.ECHILD, "DVC was killed while its stage ran", str(path))


def end_with_dvc() -> None:
    """Ends this process, from now on, as soon as it is an orphan."""
    if "DVC_STAGE" in os.environ:
        threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    while not is_orphan():
        time.sleep(0.2)
    os.write(2, b"error: DVC was killed: its stage ends too; run it again\n")
    os._exit(1)
