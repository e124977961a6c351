"""The process of a task: `python -m stages.cluster.child module arguments`.

It runs the module as `python -m` would, and ends as soon as its standard input does: then the
worker that held the other end is dead, and nobody wants the outputs any more.
"""

import os
import runpy
import signal
import sys
import threading


def end_with_input() -> None:
    """Waits for the end of standard input, then ends this process and those that it started."""
    while os.read(0, 1024):
        pass
    if sys.platform != "win32" and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with_input, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
