"""Mends DVC's and git's own files after one of the two was killed while it wrote them.

    python -m tools.mend [--cache]

`make repro` does this first. DVC 3.67 writes dvc.lock in place: a kill can leave half of it, and
then no `dvc` command starts. Git can leave its index locked. Outputs need no mending: stages write
them under other names first. `--cache` also removes damaged objects from DVC's cache, which DVC
itself does not check; `dvc repro` makes them again.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import yaml

from stages.harness.errors import run
from stages.harness.outputs import new_file

LOCK = Path("dvc.lock")
RWLOCK = Path(".dvc/tmp/rwlock")  # JSON: which process reads or writes which output


def find_damaged() -> list[Path]:
    """Lists the files that would make the next `dvc` command fail."""
    damaged = [path for path, check in CHECKS.items() if path.exists() and not _passes(path, check)]
    asked = _run("git", "rev-parse", "--git-path", "index.lock")  # each worktree has its own
    index_lock = Path(asked.stdout.decode().strip())
    return [*damaged, index_lock] if asked.returncode == 0 and index_lock.exists() else damaged


def _passes(path: Path, check: Callable[[bytes], object]) -> bool:
    try:
        check(path.read_bytes())
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError):
        return False
    return True


def _check_lock(text: bytes) -> None:
    """Raises an error if DVC cannot read a lock file, or it ends within a line or an entry."""
    stages = yaml.safe_load(text)["stages"].values()
    files = [file for stage in stages for kind in ("deps", "outs") for file in stage.get(kind, ())]
    hashes = [file.keys() - {"path", "hash"} for file in files]
    params = [section for stage in stages for section in stage.get("params", {}).values()]
    if not all((text.endswith(b"\n"), *(stage["cmd"] for stage in stages), *hashes, *params)):
        raise ValueError("cut short")


CHECKS: dict[Path, Callable[[bytes], object]] = {LOCK: _check_lock, RWLOCK: json.loads}


def _run(*command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, check=False)


def mend(path: Path) -> None:
    """Replaces a damaged file by the committed one, or removes it if none was committed.

    Stages that the committed lock file does not describe run again or come from the run cache.
    """
    committed = _run("git", "show", f"HEAD:./{path.as_posix()}")
    if committed.returncode == 0:
        with new_file(path) as part:
            part.write_bytes(committed.stdout)
    else:
        path.unlink()


def find_damaged_objects(cache: Path) -> list[Path]:
    """Lists the objects of a DVC cache whose MD5 is not the one in their name."""
    damaged = []
    for path in cache.glob("files/md5/??/*"):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "md5").hexdigest()
        if path.parent.name + path.name.removesuffix(".dir") != digest:
            damaged.append(path)
    return damaged


def find_processes(folder: Path) -> list[str]:
    """Describes the processes of git and DVC that work in `folder` or below."""
    processes = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words, cwd = process.info["cmdline"] or [], process.info["cwd"]
        programs = {Path(word).name.removesuffix(".exe") for word in words[:3]}
        if programs & {"git", "dvc"} and cwd and Path(cwd).is_relative_to(folder):
            processes.append(f"process {process.pid} ({' '.join(words[:4])})")
    return processes


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.mend")
    parser.add_argument("--cache", action="store_true", help="also check all of DVC's cache")
    with_cache, damaged = parser.parse_args().cache, find_damaged()
    if with_cache:
        asked = _run(sys.executable, "-m", "dvc", "cache", "dir")
        if asked.returncode != 0:
            sys.exit(asked.stderr.decode().strip())
        damaged += find_damaged_objects(Path(asked.stdout.decode().strip()))
    if damaged and (processes := find_processes(Path.cwd())):
        sys.exit(f"error: {damaged[0]}: in use by {processes[0]}; wait until it ends, or stop it")
    for path in damaged:
        mend(path)
        print(f"mended: {path} was damaged")


if __name__ == "__main__":
    run(main)
