"""Mends what DVC leaves if it is killed while it writes one of its own files.

    python -m mend [--cache]

`make repro` does it first. DVC 3.67 writes its lock files in place, so that a kill can leave half
of one, which keeps every later `dvc` from starting; or git's index stays locked. The outputs of
the stages are not in danger: they appear under their names when they are whole.

`--cache` also reads every object in DVC's cache, and removes those that a disk or a hand has
damaged: DVC trusts what is in its cache. `dvc repro` then makes again what is missing.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import psutil
from dvc.exceptions import DvcException
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from dvc.utils.strictyaml import load

from stages.errors import run
from stages.outputs import new_file

LOCKS = (Path("dvc.lock"), Path("data/dvc.lock"))
RWLOCK = Path(".dvc/tmp/rwlock")  # who reads and writes which output just now
INDEX_LOCK = Path(".git/index.lock")


def damaged() -> list[Path]:
    """Finds the files that would keep DVC from starting, or from ending well."""
    found = [path for path in LOCKS if path.exists() and not _is_lock(path)]
    if RWLOCK.exists() and not _is_json(RWLOCK):
        found.append(RWLOCK)
    if INDEX_LOCK.exists():
        found.append(INDEX_LOCK)
    return found


def _is_lock(path: Path) -> bool:
    try:
        load(str(path), schema=COMPILED_LOCKFILE_SCHEMA)
    except DvcException:
        return False
    return True


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return False
    return True


def mend(path: Path) -> None:
    """Puts the committed file in the place of a damaged one, or removes it if there is none.

    Stages that a lock file does not describe run again, or come from the run cache.
    """
    show = ["git", "show", f"HEAD:./{path.as_posix()}"]
    committed = subprocess.run(show, capture_output=True, check=False)
    if committed.returncode == 0:
        with new_file(path) as part:
            part.write_bytes(committed.stdout)
    else:
        path.unlink()


def damaged_objects(cache: Path) -> list[Path]:
    """Finds the objects of a DVC cache whose bytes are not those that they are named for."""
    found = []
    for path in cache.glob("files/md5/??/*"):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "md5").hexdigest()
        if path.parent.name + path.name.removesuffix(".dir") != digest:
            found.append(path)
    return found


def others(folder: Path) -> list[str]:
    """Names the processes of git and DVC that work in `folder` or below."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words, cwd = process.info["cmdline"] or [], process.info["cwd"]
        named = {Path(word).name for word in words[:3]} & {"git", "dvc"}
        if named and cwd and Path(cwd).is_relative_to(folder):
            found.append(f"process {process.pid} ({' '.join(words[:4])})")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m mend")
    parser.add_argument("--cache", action="store_true", help="also read all of DVC's cache")
    found = damaged()
    if parser.parse_args().cache:
        asked = [sys.executable, "-m", "dvc", "cache", "dir"]
        done = subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)  # DVC has said why
        found += damaged_objects(Path(done.stdout.strip()))
    if found and (working := others(Path.cwd())):
        sys.exit(f"error: {found[0]}: in use by {working[0]}; wait for its end, or end it")
    for path in found:
        mend(path)
        print(f"mended: {path} was damaged")


if __name__ == "__main__":
    run(main)
