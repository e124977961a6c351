"""Tasks on the cores of this machine."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from threading import Event

import psutil
from tqdm import tqdm

from stages.harness.errors import InputError
from stages.parallel.process import run_process
from stages.parallel.tasks import Task

MEMORY = 10**9  # bytes that a training needs, about


def count_processes() -> int:
    """Returns how many tasks run at a time: as many as cores and free memory allow."""
    from joblib import cpu_count  # heeds a container's limits, and LOKY_MAX_CPU_COUNT

    memory: int = psutil.virtual_memory().available
    with suppress(OSError, ValueError):
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return max(1, min(int(cpu_count()), memory // MEMORY))


class Machine:
    """Runs each task in a process. The first that fails, and Ctrl-C, end them all."""

    def __init__(self, stack: ExitStack, bar: tqdm) -> None:
        self._bar, self._count, self._stopped = bar, count_processes(), Event()
        self._fault: Exception = CancelledError()
        self._pool = stack.enter_context(ThreadPoolExecutor(self._count))
        stack.callback(self._stopped.set)

    def run(self, tasks: Iterator[Task]) -> Iterator[dict[str, bytes]]:
        window = deque[Future[dict[str, bytes]]]()
        while True:
            some = islice(tasks, 2 * self._count - len(window))
            window.extend(self._pool.submit(self._run, task) for task in some)
            if not window:
                return
            try:
                outputs = window.popleft().result()
            except CancelledError:
                raise self._fault from None
            self._bar.update()
            yield outputs

    def _run(self, task: Task) -> dict[str, bytes]:
        self._check()
        try:
            return run_process(task, None, self._check, self._bar.write)
        except (InputError, OSError) as error:
            if not self._stopped.is_set():
                self._fault = error
                self._stopped.set()
            raise CancelledError from None

    def _check(self) -> None:
        if self._stopped.is_set():
            raise CancelledError
