"""A task as it travels, whatever the engine: files by SHA-256, to be sent if missing."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.cluster import remote
from stages.cluster.tasks import Task
from stages.harness.errors import InputError
from stages.harness.outputs import sha256

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Request:
    """What `remote.run_task` needs, and the files that a worker may lack, by SHA-256."""

    message: dict[str, Any]
    files: dict[str, Path]


def prepare(task: Task) -> Request:
    """Makes the request of a task.

    Raises:
        InputError: a package is not installed here.
        OSError: an input file is not there.
    """
    paths = {name: it.resolve() for name, it in task.inputs.items() if isinstance(it, Path)}
    stats = {name: path.stat() for name, path in paths.items()}
    digests = {n: _hash(paths[n], stats[n].st_size, stats[n].st_mtime_ns) for n in paths}
    message = {
        "module": task.module,
        "arguments": task.arguments,
        "files": {n: (digests[n], str(paths[n]), stats[n].st_size) for n in paths},
        "contents": {n: it for n, it in task.inputs.items() if isinstance(it, bytes)},
        "outputs": task.outputs,
        "description": describe_here(),
    }
    return Request(message, {digests[name]: path for name, path in paths.items()})


@functools.cache
def _hash(path: Path, size: int, modified: int) -> str:  # noqa: ARG001
    """Hashes a file once for each size and time of modification."""
    return sha256(path)


@functools.cache
def describe_here() -> dict[str, Any]:
    """Describes this machine, as each worker describes itself: by another process."""
    try:
        return remote.describe({}, PROJECT)
    except remote.Failure as failure:
        raise InputError(str(failure)) from None
