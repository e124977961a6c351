"""Repairs DVC's own files after DVC was killed while it wrote them.

    python -m tools.repair [--cache]

`make repro` does this first. DVC 3.67 writes dvc.lock in place: a kill can leave half of it,
and no `dvc` command starts. `--cache` also removes damaged objects from DVC's cache, which DVC
does not check; `dvc repro` makes them again. A lock of git is only reported: git may be at work.
"""

import argparse
import hashlib
import json
import subprocess
from contextlib import suppress
from pathlib import Path

import yaml

from stages.harness import paths
from stages.harness.dvc import describe_clone
from stages.harness.errors import InputError, run
from stages.harness.section import read_yaml
from stages.sources.folder import find
from tools import run_in

LOCK = Path("dvc.lock")
RWLOCK = Path(".dvc/tmp/rwlock")  # JSON: which process reads or writes which output


def list_damaged() -> list[Path]:
    """Lists the files that would make the next `dvc` command fail."""
    return [path for path in (LOCK, RWLOCK) if path.exists() and not is_whole(path)]


def is_whole(path: Path) -> bool:
    """Returns whether a file of DVC does not end within an entry."""
    if not path.is_file():  # a pipe would be waited for
        return False
    try:
        text = path.read_text(encoding="utf-8")
        if path == RWLOCK:
            return isinstance(json.loads(text), dict)
        for stage in yaml.safe_load(text)["stages"].values():
            files = [*stage.get("deps", ()), *stage.get("outs", ())]
            values = [stage["cmd"], *(file["md5"] for file in files)]
            if not all((*values, *stage.get("params", {}).values())):
                return False
        return text.endswith("\n")
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError):
        return False


def repair() -> None:
    """Replaces damaged files by the committed ones, or removes them if none were committed.

    Stages that the committed dvc.lock does not describe run again or come from the run cache.
    """
    from dvc.lock import LockError, make_lock  # slower than all the rest, and rarely needed

    RWLOCK.parent.mkdir(parents=True, exist_ok=True)
    try:
        with make_lock(str(RWLOCK.with_name("lock"))):
            for path in list_damaged():  # again: DVC may have been about to finish it
                show = ("git", "show", f"HEAD:./{path.as_posix()}")
                committed = subprocess.run(show, capture_output=True, check=False)
                path.unlink()
                if committed.returncode == 0:
                    path.write_bytes(committed.stdout)
                print(f"repaired: {path} was damaged")
    except LockError:
        raise InputError(f"{LOCK}: in use by DVC; wait until it ends, or stop it") from None


def clean_cache(cache: Path) -> None:
    """Removes the objects whose MD5 is not the one in their name."""
    for path in cache.glob("files/md5/??/*"):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "md5").hexdigest()
        if path.parent.name + path.name.removesuffix(".dir") != digest:
            path.unlink()
            print(f"removed: {path} was damaged")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.repair")
    parser.add_argument("--cache", action="store_true", help="also check all of DVC's cache")
    with_cache = parser.parse_args().cache
    if list_damaged():
        repair()
    if with_cache:
        clean_cache(Path(run_in(Path(), "dvc", "cache", "dir")))
    if note := describe_clone(Path()):
        print(f"warning: {note}")
    lock = Path(run_in(Path(), "git", "rev-parse", "--git-path", "index.lock"))  # of this worktree
    if lock.exists():
        raise InputError(f"{lock}: git is at work, or was killed; if no git runs here: rm {lock}")
    # DVC waits for a pipe, and says little of what else is wrong.
    params = read_yaml(paths.PARAMS)
    with suppress(LookupError, TypeError):  # no such section: the stage `check` says so
        find(str(params["data"]["source"]))


if __name__ == "__main__":
    run(main)
