"""Copies of the project, and what commands in them take."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import reduce
from operator import getitem
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
# The stages call `python`: it is the one that runs this.
ENVIRONMENT = os.environ | {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
}


def clone_project(folder: Path) -> None:
    """Clones the last commit of the project."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)


def add_data(project: Path) -> None:
    """Copies the competition's zip, whose path DIGIT_RECOGNIZER_ZIP holds, into a clone."""
    if "DIGIT_RECOGNIZER_ZIP" not in os.environ:
        sys.exit("set DIGIT_RECOGNIZER_ZIP to the path of Kaggle's digit-recognizer.zip")
    folder = project / "data/sources/kaggle"
    shutil.copy(os.environ["DIGIT_RECOGNIZER_ZIP"], folder / "digit-recognizer.zip")


def set_params(path: Path, changes: Mapping[str, Any]) -> None:
    """Changes parameters in a file, named as for `dvc exp run -S`."""
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, value in changes.items():
        *sections, last = key.split(".")
        reduce(getitem, sections, params)[last] = value
    path.write_text(yaml.safe_dump(params), encoding="utf-8")


def measure(folder: Path, *command: str) -> tuple[dict[str, float], str]:
    """Runs a command in a folder, and ends with its output if it fails.

    Returns:
        Its `seconds`, the `cpu` seconds of it and its children, the `peak` memory of the largest
        of them in MB (10**6 bytes); and what it printed. On Linux, a peak is at least this
        process's own memory, so the callers import nothing large.
    """
    start = perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        options: dict[str, Any] = {"stdout": output, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, **options)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if status:
        sys.exit(printed)
    unit = 1 if sys.platform == "darwin" else 1024
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6
    return {"seconds": seconds, "cpu": cpu, "peak": peak}, printed
