"""A Dask cluster of this machine: a scheduler, and a worker for each core.

    python -m tools.cluster [--port 8786] [--workers N]

`make cluster` does this. Only programs on this machine can reach it: it listens on 127.0.0.1.
Ctrl-C ends all of it.
"""

import argparse
import os
import subprocess
import sys
import time
from contextlib import ExitStack

from stages.cluster.tasks import VARIABLE
from stages.harness.errors import InputError, run

HOST = "127.0.0.1"
LOCAL = ["--host", HOST, "--no-dashboard", "--dashboard-address", f"{HOST}:0"]


def start(stack: ExitStack, *command: str) -> subprocess.Popen[bytes]:
    """Starts a part of the cluster, which ends with the stack."""
    env = {"DASK_LOGGING__DISTRIBUTED": "warning"} | os.environ
    process = subprocess.Popen([sys.executable, "-m", "dask", *command, *LOCAL], env=env)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.cluster")
    parser.add_argument("--port", type=int, default=8786)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    address = f"tcp://{HOST}:{options.port}"
    with ExitStack() as stack:
        parts = [start(stack, "scheduler", "--port", str(options.port))]
        workers = ["--nworkers", str(options.workers), "--nthreads", "1"]
        parts.append(start(stack, "worker", address, *workers))
        print(f"export {VARIABLE}={address}", flush=True)
        while all(part.poll() is None for part in parts):
            time.sleep(0.5)
        raise InputError(f"{address}: the cluster ended; see above, and give another --port")


if __name__ == "__main__":
    run(main)
