"""Runs a task on a Dask worker, in a process, and returns the files that it wrote."""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from tempfile import TemporaryDirectory, TemporaryFile

from distributed import Reschedule, get_worker

from stages.harness.errors import InputError
from stages.harness.outputs import list_files

PROJECT = Path(__file__).resolve().parents[2]
Inputs = Mapping[str, bytes | Path]  # a `Path` is a file on a disk shared with the client


def run_task(
    command: Sequence[str], inputs: Inputs, outputs: Sequence[str], client: Mapping[str, str]
) -> dict[str, bytes]:
    """Runs a task, as `tasks.Task` says, for a client with this description; returns its outputs.

    Raises an InputError that names this worker if the task failed, or cannot run here.
    """
    worker = get_worker()
    try:
        with TemporaryDirectory(dir=worker.local_directory, ignore_cleanup_errors=True) as folder:
            for name, content in inputs.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                if not isinstance(content, Path):
                    path.write_bytes(content)
                elif content.exists():
                    path.symlink_to(content)
                else:
                    raise InputError(f"{content}: too large to send; put it on a shared disk")
            _run_process(folder, command, client)
            files = [path for name in outputs for path in list_files(Path(folder, name))]
            return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    except (InputError, OSError) as error:
        raise InputError(f"{error} (worker {worker.address})") from None


def _run_process(folder: str, command: Sequence[str], client: Mapping[str, str]) -> None:
    worker, key = get_worker(), get_worker().get_current_task()
    args = [sys.executable, "-m", "stages.cluster.child", folder, *command]
    # Without Dask's variables, the process sends no work to a cluster in turn.
    env = {name: value for name, value in os.environ.items() if not name.startswith("DASK_")}
    options = {"stdin": PIPE, "stdout": DEVNULL, "text": True, "start_new_session": True}
    with (
        TemporaryFile("w+", errors="replace") as log,
        Popen(args, cwd=PROJECT, env=env, stderr=log, **options) as process,  # type: ignore
    ):
        print(json.dumps(client), file=process.stdin, flush=True)
        while process.poll() is None:
            task = worker.state.tasks.get(key)
            if not task or task.state != "executing" or worker.status.name in ("closing", "closed"):
                raise Reschedule  # `Popen` closes standard input, which ends the process
            time.sleep(0.2)
        log.seek(0)
        text = log.read().rstrip()
    if process.returncode != 0:
        print(text, file=sys.stderr)  # into the worker's log
        last = text.rpartition("\n")[2]
        if not last.startswith("error: "):
            cause = last if process.returncode > 0 else f"killed by signal {-process.returncode}"
            last = f"python -m {' '.join(command)}: {cause}; see the worker's log"
        raise InputError(last.removeprefix("error: "))
