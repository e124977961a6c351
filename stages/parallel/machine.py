"""Tasks on the cores of this machine."""

from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event

import psutil
from tqdm import tqdm

from stages.parallel.process import run_process
from stages.parallel.tasks import Task

MEMORY = 10**9  # bytes that a training needs, about
LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container


def count_processes() -> int:
    """Returns how many tasks run at a time: as many as cores and free memory allow."""
    from joblib import cpu_count  # heeds a container's limits, and LOKY_MAX_CPU_COUNT

    memory: int = psutil.virtual_memory().available
    with suppress(OSError, ValueError):
        memory = min(memory, int(LIMIT.read_text()))
    return max(1, min(int(cpu_count()), memory // MEMORY))


class Machine:
    """Runs each task in a process. The first that fails, and Ctrl-C, end them all."""

    def __init__(self, stack: ExitStack, bar: tqdm) -> None:
        self._bar, self._stopped = bar, Event()
        self._fault: Exception = CancelledError()
        self._pool = stack.enter_context(ThreadPoolExecutor(count_processes()))
        stack.callback(self._stopped.set)

    def run(self, tasks: Iterator[Task]) -> Iterator[dict[str, bytes]]:
        try:
            for outputs in self._pool.map(self._run, tasks):
                self._bar.update()
                yield outputs
        except CancelledError:
            raise self._fault from None

    def _run(self, task: Task) -> dict[str, bytes]:
        self._check()
        try:
            return run_process(task, None, self._check, self._bar.write)
        except Exception as error:
            if not self._stopped.is_set():
                self._fault = error
                self._stopped.set()
            raise CancelledError from None

    def _check(self) -> None:
        if self._stopped.is_set():
            raise CancelledError
