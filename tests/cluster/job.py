"""A small task: `python -m tests.cluster.job what`, in a folder that holds its inputs."""

import os
import signal
import sys
import time
from pathlib import Path

from stages.harness.errors import InputError, run
from stages.harness.outputs import new_file


def main() -> None:
    what, *words = sys.argv[1:]
    if what == "copy":
        Path("out").mkdir()
        Path("out", "copy").write_bytes(Path("in", "file").read_bytes() + Path("text").read_bytes())
    elif what == "sleep":
        Path(words[0]).write_text(str(os.getpid()))
        time.sleep(float(words[1]))
        Path("slept").write_text("well")
    elif what == "refuse":
        raise InputError("params.yaml: epochs is -1, expected 1 or more; set it")
    elif what == "bug":
        raise ZeroDivisionError("a bug")
    elif what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "kill":  # the worker
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    elif what == "fill":
        with new_file(Path("large")) as part:
            part.write_bytes(bytes(int(words[0])))
    elif what == "number":
        Path("number").write_text(words[0])


if __name__ == "__main__":
    run(main)
