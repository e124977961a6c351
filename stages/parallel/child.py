"""A task's own process: `python -m stages.parallel.child folder module arguments`.

The module runs, as with `python -m`, if this machine is like the client that the first line of
standard input describes; null is this machine. The end of standard input ends it: the client is
gone.
"""

import json
import os
import runpy
import sys
import threading

from stages.harness.errors import InputError, run
from stages.harness.provenance import describe_computation


def compare(client: dict[str, str], worker: dict[str, str]) -> None:
    """Raises an InputError that names the first difference between two descriptions."""
    for name in client | worker:
        ours, theirs = client.get(name, "absent"), worker.get(name, "absent")
        if ours != theirs:
            line = f"{name} is {theirs:.99} on the worker and {ours:.99} on the client"
            raise InputError(f"{line}; use the same commit, packages and kind of processor on both")


def end_with_input() -> None:
    """Waits for the end of standard input, then ends this process."""
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    client = json.loads(sys.stdin.readline())
    threading.Thread(target=end_with_input, daemon=True).start()
    if client:
        run(lambda: compare(client, describe_computation()))
    _, folder, *sys.argv = sys.argv
    os.chdir(folder)
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
