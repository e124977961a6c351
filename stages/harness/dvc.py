"""What DVC 3.67 does not guard against: stages that outlive it, and lost experiments and edits."""

import os
import subprocess
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from stages.harness import paths

PARENT = os.getppid()  # DVC, or the shell that it starts the stage with


@cache
def _find_dvc() -> Any:
    """Returns the process of DVC, a `psutil.Process`; None if it has ended already."""
    import psutil

    try:
        dvc = psutil.Process(PARENT)
        if "-m stages." in " ".join(dvc.cmdline()):  # a shell that waits for its command
            dvc = dvc.parent()
        # When DVC has ended, another process is in its place, such as init.
        is_dvc = "python" in dvc.name().lower() or "dvc" in " ".join(dvc.cmdline())
    except (psutil.NoSuchProcess, AttributeError):  # a shell without a parent
        return None
    except psutil.AccessDenied:  # a system that hides other processes: assume that DVC runs
        return psutil.Process()
    return dvc if is_dvc else None


def is_orphan() -> bool:
    """Returns whether DVC started this process and has ended since."""
    if "DVC_STAGE" not in os.environ:
        return False
    dvc = _find_dvc()
    return dvc is None or not dvc.is_running() or dvc.status() == "zombie"


def end_with_dvc() -> None:
    """Ends this process once it is an orphan, which would write into the next run's outputs."""
    if "DVC_STAGE" in os.environ:
        threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    while not is_orphan():
        time.sleep(0.2)
    os.write(2, b"error: DVC was killed: its stage ends too; run it again\n")
    os._exit(1)


def describe_clone(folder: Path) -> str | None:
    """Returns a line that says why DVC loses experiments in copies of this clone, or None."""
    if _git(folder, "rev-parse", "--is-shallow-repository") == "true":
        return "this clone is shallow, and DVC would lose the experiment: git fetch --unshallow"
    if _git(folder, "config", "--get-regexp", r"^remote\..*\.partialclonefilter$"):
        return "this clone is partial, and DVC cannot copy it: clone again without --filter"
    return None


def describe_experiment() -> str | None:
    """Returns a line that says why DVC would lose the result of this copy of the project, or None.

    That is so in a shallow or partial clone, or if the project has an experiment of this name, as
    when two batches of one name are queued.
    """
    name, baseline = os.environ.get("DVC_EXP_NAME"), os.environ.get("DVC_EXP_BASELINE_REV", "")
    project = Path(os.environ.get("DVC_ROOT", "."))
    if not name or project.resolve() == Path.cwd().resolve():  # not in a copy
        return None
    if fault := describe_clone(project):
        return f"{project}: {fault}"
    is_queued = "standalone" not in Path.cwd().parts  # there DVC itself refuses the name
    ref = f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}"
    if is_queued and _git(project, "for-each-ref", ref):
        line = f"an experiment {name} exists, and DVC would lose this one: queue it again under"
        return f"{line} another --name, or first dvc exp remove {name}"
    return None


def touch_tracked() -> None:
    """Changes the time of each file that git tracks and a run changes, so that git reads it again.

    If `dvc exp run` fails, git's index is wrong: DVC's git library writes HEAD's files and then
    yours within a second, and git, which compares whole seconds, takes a file of the same size
    for unchanged; `git commit -a` would commit the old one.
    """
    for path in (paths.PARAMS, Path("dvc.lock"), paths.SUBMISSION, *paths.METRICS.rglob("*")):
        with suppress(OSError):  # missing, somebody else's, or on a disk that is read only
            status = path.stat()
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def _git(folder: Path, *arguments: str) -> str:
    """Returns what git prints; nothing if it fails."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True)  # noqa: S603, S607
    return done.stdout.strip()
