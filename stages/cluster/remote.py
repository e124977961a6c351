"""What a worker does with a task. It travels there as source, so it needs Python alone.

A worker started in another folder, or with other code or another Python, can so say what is wrong.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

POLL = 0.5  # seconds between two looks whether the task is still wanted
PIECE = 16_000_000  # bytes of a file that are in memory at once


class Place(NamedTuple):
    """Where a task runs."""

    name: str  # the worker's address
    folder: Path  # on its disk, removed when it ends
    memory: dict[Any, Any]  # what it remembers while it lives
    released: Callable[[], bool]  # whether nobody waits for the task any more


class Failure(Exception):  # noqa: N818
    """A task cannot be done. The text is one line."""


def run_task(place: Place, request: Mapping[str, Any]) -> dict[str, Any]:
    """Runs a task, and replies with `worker` and one of five:

    Returns:
        `outputs`: bytes by path; `missing`: SHA-256 of files to be sent first; `description`: this
        worker's, which is not the client's; `released`: nobody waits; `error`: one line.
    """
    return _reply(place, lambda: _try_task(place, request))


def describe_place(place: Place) -> dict[str, Any]:
    """Replies with `worker` and `description` or `error`."""
    return _reply(place, lambda: {"description": describe(place.memory, Path.cwd())})


def _reply(place: Place, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        reply = work()
    except Failure as failure:
        reply = {"error": str(failure)}
    except OSError as error:  # a full disk
        what = f"{error.filename or place.folder}: {error.strerror or error}"
        reply = {"error": f"{what}; free some space or allow writing there"}
    return reply | {"worker": place.name}


def _try_task(place: Place, request: Mapping[str, Any]) -> dict[str, Any]:
    description = describe(place.memory, Path.cwd())
    if description != request["description"]:
        return {"description": description}
    files: dict[str, tuple[str, str, int]] = request["files"]
    found = {name: path for name, file in files.items() if (path := _find(place, *file))}
    if missing := [file[0] for name, file in files.items() if name not in found]:
        return {"missing": missing}
    with tempfile.TemporaryDirectory(
        prefix="task-", dir=place.folder, ignore_cleanup_errors=True
    ) as folder:
        for name, path in found.items():
            _link(path, _with_parents(folder, name))
        for name, content in request["contents"].items():
            _with_parents(folder, name).write_bytes(content)
        if not _run_process(place, folder, [request["module"], *request["arguments"]]):
            return {"released": True}
        return {"outputs": {name: _read(folder, name) for name in request["outputs"]}}


def describe(memory: dict[Any, Any], project: Path) -> dict[str, Any]:
    """Describes a machine with the code in `project`; anew only when that has changed.

    Raises:
        Failure: there is no such code, or it does not run.
    """
    code = project / "stages"
    if not (code / "cluster" / "description.py").exists():
        raise Failure(
            f"{project} has no stages/cluster; start the worker in a clone of this project"
        )
    files = [*code.rglob("*.py"), *code.rglob("templates/*"), Path(sysconfig.get_path("purelib"))]
    state = [(file, file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(files)]
    with memory.setdefault("lock", threading.Lock()):
        if memory.get("state") != state:
            command = [sys.executable, "-P", "-m", "stages.cluster.description"]
            done = subprocess.run(
                command,
                cwd=project,
                env=_environment(project),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise Failure(_last_line(done.stderr))
            memory.update(state=state, description=json.loads(done.stdout))
        return dict(memory["description"])


def _environment(project: Path) -> dict[str, str]:
    """Gives a task's variables: it finds the project, but no cluster to send work to in turn."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("DASK_")}
    paths = [str(project), here.get("PYTHONPATH", "")]
    return here | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines() or ["it said nothing"]
    return lines[-1].removeprefix("error: ")


def _find(place: Place, digest: str, path: str, size: int) -> Path | None:
    """Finds an input: sent before, or the client's own file, on a disk that both can read."""
    sent = place.folder / "inputs" / digest
    if sent.exists():
        return sent
    shared = Path(path)
    with suppress(OSError):
        status = shared.stat()
        key = (path, status.st_size, status.st_mtime_ns)
        with place.memory.setdefault("lock", threading.Lock()):
            if status.st_size == size and key not in place.memory:
                with shared.open("rb") as file:
                    place.memory[key] = hashlib.file_digest(file, "sha256").hexdigest()
        if place.memory.get(key) == digest:
            return shared
    return None


def _with_parents(folder: str, name: str) -> Path:
    path = Path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _link(target: Path, path: Path) -> None:
    try:
        path.symlink_to(target)
    except OSError:  # Windows allows it to administrators only
        shutil.copyfile(target, path)


def _read(folder: str, name: str) -> bytes:
    try:
        return Path(folder, name).read_bytes()
    except FileNotFoundError:
        raise Failure(f"{name}: the task ended without writing it; mend the task") from None


def _run_process(place: Place, folder: str, command: list[str]) -> bool:
    """Runs a module in a process of its own; returns False if it was released before its end.

    Raises:
        Failure: it ended with another status than 0.
    """
    with ExitStack() as stack:
        read, write = os.pipe()  # the process ends when this one, the holder of `write`, does
        stack.callback(os.close, write)
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "stages.cluster.child", *command],
                cwd=folder,
                env=_environment(Path.cwd()),
                stdin=read,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # to be killed with those that it starts
            )
        finally:
            os.close(read)
        stack.callback(_kill, process)
        while True:
            try:
                _, said = process.communicate(timeout=POLL)
                break
            except subprocess.TimeoutExpired:
                if place.released():
                    return False
    _check(command, process.returncode, said.decode(errors="replace"))
    return True


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stderr:
        process.stderr.close()


def _check(command: list[str], status: int, said: str) -> None:
    if status == 0:
        return
    last = _last_line(said)
    if f"error: {last}" in said.splitlines():  # the stages' one line
        raise Failure(last)
    print(said, file=sys.stderr)  # into the worker's log
    name = "python -m " + " ".join(command)
    if status < 0:
        reason = f"killed by signal {-status} ({signal.strsignal(-status)})"
        raise Failure(f"{name}: {reason}; is memory short there?")
    raise Failure(f"{name}: ended with status {status}: {last}; the worker's log has the rest")


def receive(place: Place, key: str, digest: str, piece: bytes, last: bool) -> dict[str, Any]:
    """Adds a piece to an input, which is there after the last. A half one goes with its sender.

    Returns:
        `worker`, and `wanted`, which is False if the file is already there, or `error`: one line.
    """
    return _reply(place, lambda: {"wanted": _add_piece(place, key, digest, piece, last)})


def _add_piece(place: Place, key: str, digest: str, piece: bytes, last: bool) -> bool:
    whole = place.folder / "inputs" / digest
    part = whole.with_name(f"{digest}.{key}.part")
    if whole.exists():
        return False
    try:
        if part not in place.memory:
            whole.parent.mkdir(exist_ok=True)
            part.touch()
            place.memory[part] = hashlib.sha256()
            threading.Thread(target=_remove_when_released, args=(place, part), daemon=True).start()
        with part.open("ab") as file:
            file.write(piece)
        place.memory[part].update(piece)
        if last and place.memory[part].hexdigest() != digest:
            raise Failure("an input has changed while it was sent; run it again")
        if last:
            part.replace(whole)
    except (OSError, Failure):
        part.unlink(missing_ok=True)
        raise
    return True


def _remove_when_released(place: Place, part: Path) -> None:
    while part.exists() and not place.released():
        time.sleep(POLL)
    part.unlink(missing_ok=True)
    place.memory.pop(part, None)
