"""A Dask cluster of this machine: a scheduler, and a worker for each core.

    python -m tools.cluster [--port 8786] [--workers N]

`make cluster` does this. Only programs on this machine can reach it: it listens on 127.0.0.1.
Ctrl-C ends all of it.
"""

import argparse
import os
import threading

from distributed import LocalCluster

from stages.harness.errors import InputError, run
from stages.parallel.tasks import VARIABLE


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.cluster")
    parser.add_argument("--port", type=int, default=8786)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    try:
        cluster = LocalCluster(
            host="127.0.0.1",
            scheduler_port=options.port,
            n_workers=options.workers,
            threads_per_worker=1,
            dashboard_address=None,
        )
    except RuntimeError as error:
        fault = f"{error!s:.200}".rstrip(".")
        raise InputError(f"--port {options.port}: {fault}; give another port") from None
    with cluster:
        print(f"export {VARIABLE}={cluster.scheduler_address}")
        threading.Event().wait()


if __name__ == "__main__":
    run(main)
