"""What makes DVC 3.67 lose an experiment without a word: each stage refuses to start then."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

from stages.harness import paths
from stages.harness.errors import InputError


def describe_clone(folder: Path) -> str | None:
    """Returns a line that says why DVC loses experiments in copies of this clone, or None."""
    if _git(folder, "rev-parse", "--is-shallow-repository") == "true":
        return "this clone is shallow, and DVC would lose the experiment: git fetch --unshallow"
    if _git(folder, "config", "--get-regexp", r"^remote\..*\.partialclonefilter$"):
        return "this clone is partial, and DVC cannot copy it: clone again without --filter"
    return None


def check_experiment() -> None:
    """Raises an InputError in a copy of the project whose result DVC would lose.

    That is so in a shallow or partial clone, or if the project has an experiment of this name, as
    when two batches of one name are queued.
    """
    name, baseline = os.environ.get("DVC_EXP_NAME"), os.environ.get("DVC_EXP_BASELINE_REV", "")
    project = Path(os.environ.get("DVC_ROOT", "."))
    if not name or project.resolve() == Path.cwd().resolve():  # not in a copy
        return
    if fault := describe_clone(project):
        raise InputError(f"{project}: {fault}")
    is_queued = "standalone" not in Path.cwd().parts  # there DVC itself refuses the name
    ref = f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}"
    if is_queued and _git(project, "for-each-ref", ref):
        raise InputError(
            f"an experiment {name} exists, and DVC would lose this one: queue it again under "
            f"another --name, or first dvc exp remove {name}"
        )


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
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip()
