"""Runs a task in a process, on this machine or a Dask worker, and returns the files it wrote.

`python -m stages.parallel.process folder module arguments` is that process. The module runs, as
with `python -m`, if this machine is like the client that the first line of standard input
describes; null is this machine. The end of standard input ends it: the client is gone.
"""

import json
import os
import runpy
import signal
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Thread
from typing import IO, Any

from stages.harness.errors import InputError, run
from stages.harness.outputs import list_files
from stages.harness.provenance import describe_computation
from stages.parallel.tasks import Task

PROJECT = Path(__file__).resolve().parents[2]


def run_process(
    task: Task,
    folder: str | None,
    check: Callable[[], None],
    show: Callable[[str], object],
    client: Mapping[str, str] | None = None,
) -> dict[str, bytes]:
    """Runs a task in a temporary folder; returns its outputs by path.

    Args:
        folder: where the temporary folder is made; None: where the system has them.
        check: is called several times a second. An error that it raises ends the process.
        show: is given each line that the task prints.
        client: describes the machine that this one must be like, see above; None: itself.

    Raises an InputError that names the task if it failed, or cannot run here.
    """
    with (
        TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as place,
        TemporaryFile("w+", errors="replace") as log,
        _start(task, place, log) as process,
        ThreadPoolExecutor(1) as pool,
    ):
        reader = pool.submit(_read, process.stdout, lambda line: show(task.prefix + line))
        try:
            with suppress(BrokenPipeError):  # it ended at once: its exit status says so
                print(json.dumps(client), file=process.stdin, flush=True)
            while process.poll() is None:
                check()
                if reader.done():
                    reader.result()  # or its error
                time.sleep(0.1)
        finally:
            with suppress(BrokenPipeError):
                process.stdin.close()  # which ends it
        reader.result()
        if process.returncode != 0:
            log.seek(0)
            where = "above" if client is None else "the log of the worker"
            cause = _explain(process.returncode, log.read(), where)
            raise InputError(f"{task.prefix}{task.name}: {cause}")
        files = [path for name in task.outputs for path in list_files(Path(place, name))]
        return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def _read(lines: IO[str], show: Callable[[str], object]) -> None:
    for line in lines:
        show(line.rstrip("\n"))


def _start(task: Task, place: str, log: IO[str]) -> Any:
    """Puts the inputs into the folder `place`, and starts the process in it."""
    for name, content in task.inputs.items():
        path = Path(place, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            path.symlink_to(content.resolve(strict=True))
        else:
            path.write_bytes(content)
    command = [sys.executable, "-m", __name__, place, task.module, *task.arguments]
    # Without Dask's variables, it sends no work to a cluster in turn; DVC has not started it.
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DASK_", "DVC_"))}
    # Other tasks have the other cores; what it leaves when it is killed goes with its folder.
    env |= {"LOKY_MAX_CPU_COUNT": "1", "TMPDIR": place}
    options: Any = {"stdin": PIPE, "stdout": PIPE, "errors": "replace", "start_new_session": True}
    return Popen(command, cwd=PROJECT, env=env, stderr=log, **options)


def _explain(status: int, text: str, where: str) -> str:
    """Returns why a process failed, from its exit status and what it wrote to stderr."""
    last = text.rstrip().rpartition("\n")[2]
    if last.startswith(("error: ", "stopped: ")):
        return last.removeprefix("error: ")
    sys.stderr.write(text)  # on a worker, into its log
    cause = last if status > 0 else f"killed by signal {-status}"
    if status == -signal.SIGKILL:
        cause += ", perhaps for lack of memory: LOKY_MAX_CPU_COUNT=1 runs one at a time"
    return f"{cause}; see {where}" if text.strip() else cause


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


def main() -> None:
    client = json.loads(sys.stdin.readline())
    Thread(target=end_with_input, daemon=True).start()
    if client:
        run(lambda: compare(client, describe_computation()))
    _, folder, *sys.argv = sys.argv
    os.chdir(folder)
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
