"""A stage ends with the DVC that started it: an orphan would write into the next run's outputs."""

import os
import threading
import time

# The process that started this one. Where the user's shell is one that waits for its command, such
# as fish, that is the shell; then only the locks of `outputs` keep an orphan from the next run.
PARENT = os.getppid()


def is_orphan() -> bool:
    """Returns whether DVC started this process and has ended since."""
    return "DVC_STAGE" in os.environ and os.getppid() != PARENT


def end_with_parent() -> None:
    """Ends this process, from now on, as soon as it is an orphan."""
    if "DVC_STAGE" in os.environ:
        threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    while not is_orphan():
        time.sleep(0.2)
    os.write(2, b"error: DVC was killed: its stage ends too; run it again\n")
    os._exit(1)
