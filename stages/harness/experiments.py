"""What makes DVC 3.67 lose an experiment without a word: each stage refuses to start then."""

import os
import subprocess
from pathlib import Path

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


def _git(folder: Path, *arguments: str) -> str:
    """Returns what git prints; nothing if it fails."""
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip()
