"""Runs stages and reports all they do beside reading and writing in their own folder.

`python -m tests.support.audit folder=stages.preprocess ...` runs the `main` of each module in its
folder. See `test_no_code_runs`.
"""

import importlib
import os
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from stages.harness import errors

PROJECT = Path(__file__).parents[2]
INSTALLED = [Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")]
TEMPORARY = tempfile.gettempdir()  # which opens files when it is asked first
FORBIDDEN = {
    "os.exec", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn",
    "subprocess.Popen", "pickle.find_class", "marshal.loads", "ctypes.dlopen", "code.__new__",
    "socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.Request",
    "os.link", "os.symlink", "os.chmod", "os.chown",
}  # fmt: skip
IMPORTING = {"marshal.loads", "ctypes.dlopen", "code.__new__"}
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """Notes every event that no stage but a download has a reason for."""

    def __init__(self) -> None:
        self.active, self.found = False, list[str]()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.active and self._forbidden(event, arguments):
            self.found.append(f"{event} {arguments!r:.200}")

    def _forbidden(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "open":
            path, mode, flags = arguments
            writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (flags or 0) & WRITING
            # A folder that is opened to be written to is a file without a name.
            nameless = path == TEMPORARY
            return bool(writes) and not isinstance(path, int) and not nameless and outside(path)
        if event in CHANGES:
            return any(outside(path) for path in arguments if isinstance(path, str | os.PathLike))
        return event in FORBIDDEN and not (event in IMPORTING and importing())


def outside(path: Any) -> bool:
    return not Path(os.fsdecode(path)).resolve().is_relative_to(Path.cwd())


def importing() -> bool:
    """Whether Python imports a module, which is compiled code that it reads and runs."""
    frame: Any = sys._getframe(1)
    while frame and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def foreign(modules: set[str]) -> list[str]:
    """Those that are neither installed nor the project's."""
    files = {name: getattr(sys.modules[name], "__file__", None) for name in modules}
    known = [*(PROJECT / name for name in ("stages", "tools", "tests")), *INSTALLED]
    return [
        f"import {name} {file}"
        for name, file in files.items()
        if file and not any(Path(file).resolve().is_relative_to(root) for root in known)
    ]


def main(*cases: str) -> None:
    watch, top = Watch(), Path.cwd()
    pairs = [case.split("=") for case in cases]
    mains = [importlib.import_module(module).main for _, module in pairs]
    sys.addaudithook(watch)
    for (folder, _), run in zip(pairs, mains, strict=True):
        os.chdir(top / folder)
        sys.argv[1:] = ["photos"]  # for `tools.recognize`
        before, status = set(sys.modules), "done"
        watch.active, watch.found = True, []
        try:
            errors.run(run)
        except SystemExit as stop:
            status = str(stop.code)
        watch.active = False
        for line in [status, *watch.found, *foreign(set(sys.modules) - before)]:
            print(f"{folder}: {line}")


if __name__ == "__main__":
    main(*sys.argv[1:])
