"""Rebuilds a commit from scratch, and compares its outputs with the recorded ones.

    python -m tools.verify [REV]

REV is a commit, a branch, a tag or an experiment. The exit status is 0 if all outputs have the
same bytes or are within the tolerance, and 1 if not or if the commit cannot be rebuilt.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from stages.harness import paths
from stages.harness.errors import run
from stages.record import describe_environment
from tools import run_in

DISTANCE = 0.01  # allowed between two values of a score
SHARE = 0.03  # of the submission's lines that may differ
MODEL, SCORES = paths.MODEL.as_posix(), paths.SCORES.as_posix()
SUBMISSION, RECORD = paths.SUBMISSION.as_posix(), paths.ENVIRONMENT.as_posix()
HERE = Path()
# Of the loader, the C library, threads and Python; `stages` itself unsets those of packages.
SETTING = re.compile("LD_|GLIBC_|MALLOC_|OMP_|KMP_|PYTHON")


def check_out(rev: str, folder: Path) -> Path:
    """Clones the repository and checks `rev` out; returns the project's folder in the clone."""
    experiment = run_in(HERE, "git", "rev-list", "--no-walk", "-1", f"--glob=refs/exps/*/*/{rev}")
    commit = experiment or run_in(HERE, "git", "rev-list", "-1", rev, "--")
    top = Path(run_in(HERE, "git", "rev-parse", "--show-toplevel"))
    run_in(top, "git", "clone", "--no-hardlinks", "--no-checkout", "--template=", ".", str(folder))
    run_in(folder, "git", "checkout", "--detach", commit)
    return folder / Path.cwd().relative_to(top)


def list_edits(project: Path) -> list[str]:
    """Lists what was edited after the run that dvc.lock records."""
    status = run_in(project, "dvc", "status")  # what a fresh clone lacks is "deleted" there
    return sorted(set(re.findall(r"(?:modified: +|new: +|changed (?=command))(.+)", status)))


def copy_data(project: Path, source: str) -> None:
    """Copies the data of a source from the user's DVC cache, which DVC reads as a remote."""
    run_in(project, "dvc", "config", "--local", "cache.dir", ".dvc/cache")
    folder = (paths.SOURCES / source).as_posix()
    pointers = run_in(project, "git", "ls-files", f"{folder}.dvc", f"{folder}/*.dvc").splitlines()
    if pointers:
        cache = Path(run_in(HERE, "dvc", "cache", "dir")).absolute()
        run_in(project, "dvc", "remote", "add", "--local", "--default", "user", str(cache))
        run_in(project, "dvc", "pull", *pointers)


def rebuild(project: Path) -> str:
    """Runs every stage without earlier outputs; returns what `git diff --stat` prints then."""
    outputs = (paths.METRICS.as_posix(), SUBMISSION, f":!{RECORD}")  # its stage keeps the record
    run_in(project, "git", "rm", "-r", "--ignore-unmatch", *outputs)
    run_in(project, "dvc", "repro", "--force", shown=True)
    run_in(project, "git", "add", "--all")
    return run_in(project, "git", "diff", "--cached", "--stat")


def is_near(project: Path) -> bool:
    """Returns whether the classifier and its results differ, by no more than the tolerance."""
    cached = json.loads(run_in(project, "dvc", "diff", "--json"))
    changes = [cached.get(kind, []) for kind in ("added", "deleted", "modified")]
    names = [out["path"] for change in changes for out in change]
    scores = json.loads(run_in(project, "dvc", "metrics", "diff", "--json")).get(SCORES, {})
    changed = run_in(project, "git", "diff", "--cached", "--numstat", SUBMISSION).split()[:2]
    lines = len((project / SUBMISSION).read_text("utf-8").splitlines())
    return (
        bool(names)
        and all(name.startswith(f"{MODEL}/") for name in names)
        and all(abs(score.get("diff", 1)) <= DISTANCE for score in scores.values())
        and all(int(count) <= SHARE * lines for count in changed)  # added and deleted lines
    )


def compare_machines(recorded: dict[str, Any], here: dict[str, Any]) -> str:
    """Returns how the processor, Python and the packages differ, as text."""
    old, new = ({**machine, **machine["packages"]} for machine in (recorded, here))
    names = [name for name in new if name != "packages" and new[name] != old.get(name)]
    return ", ".join(f"{name} {new[name]} (recorded: {old.get(name)})" for name in names)


def verify(rev: str, folder: Path) -> bool:
    """Rebuilds a commit, prints what differs, and returns whether it is reproduced."""
    project = check_out(rev, folder)
    params = yaml.safe_load((project / paths.PARAMS).read_text("utf-8"))
    recorded, here = json.loads((project / RECORD).read_text("utf-8")), describe_environment()
    copy_data(project, params["data"]["source"])
    edits = list_edits(project)
    differences = rebuild(project)
    if differences:
        print(f"{differences}\n{run_in(project, 'dvc', 'metrics', 'diff')}".rstrip())
    if edits:
        print(f"edited after the recorded run: {', '.join(edits)}")
    print(f"machine and packages: {compare_machines(recorded, here) or 'as recorded'}")
    # The same bytes are promised on computers of the same kind, and without a GPU.
    kinds = {(machine["system"], machine["machine"]) for machine in (recorded, here)}
    may_differ = len(kinds) > 1 or params["train"]["device"] == "gpu"
    result = "NOT reproduced"
    settings = [f"{name}={value:.60}" for name, value in os.environ.items() if SETTING.match(name)]
    if differences and settings:
        print(f"variables that may change bytes: {', '.join(settings)}")
    if not edits and not differences:
        result = "reproduced: the same bytes"
    elif not edits and may_differ and is_near(project):
        result = "reproduced: within the tolerance"
    print(run_in(project, "git", "rev-parse", "--short", "HEAD"), result)
    return result != "NOT reproduced"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.verify")
    parser.add_argument("rev", nargs="?", default="HEAD", metavar="REV")
    rev = parser.parse_args().rev
    for name in run_in(HERE, "git", "rev-parse", "--local-env-vars").split():
        os.environ.pop(name, None)  # in a hook of git they name the user's repository
    os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    with tempfile.TemporaryDirectory(prefix="verify-") as scratch:
        os.environ["DVC_SITE_CACHE_DIR"] = scratch
        if not verify(rev, Path(scratch, "clone")):
            sys.exit(1)


if __name__ == "__main__":
    run(main)
