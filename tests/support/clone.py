"""A fresh copy of what git tracks, to run DVC in: no cache, no remote, no run cache."""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any, Self

import yaml

from stages.parallel.tasks import VARIABLE

ROOT = Path(__file__).parents[2]
# Other processors compute other last bits; see docs/reproducibility.md.
SAME_BYTES = platform.machine() in ("x86_64", "AMD64")
ALL = ["check", "fetch", "preprocess", "split", "train"]
ALL += ["evaluate", "predict", "report", "record"]


class Command(subprocess.Popen[str]):
    """A command in a process group of its own; a `with` block ends the whole group."""

    def __exit__(self, *raised: Any) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        super().__exit__(*raised)


class Clone:
    """A repository to run git, DVC and the stages in, with the Python that runs this."""

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self.folder, self.env = folder, env or environment()

    @classmethod
    def empty(cls, folder: Path) -> Self:
        """Makes a repository of a folder, without a commit."""
        folder.mkdir(exist_ok=True)
        clone = cls(folder)
        clone.run("git", "init", "--quiet", "--initial-branch=main")
        return clone

    @classmethod
    def of_project(cls, folder: Path) -> Self:
        """Makes a repository of the files here, as they are now, but for those that git ignores."""
        clone = cls.empty(folder)
        here = ("-C", str(ROOT), "--git-dir", str(folder / ".git"), "--work-tree", ".")
        clone.run("git", *here, "add", "--all")
        clone.run("git", "commit", "--quiet", "--message", "all")
        clone.run("git", "reset", "--quiet", "--hard")
        return clone

    def copied(self, folder: Path) -> Self:
        shutil.copytree(self.folder, folder, symlinks=True)
        return type(self)(folder, dict(self.env))

    def start(self, *command: str) -> Command:
        return Command(
            command,
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, status: int = 0) -> str:
        with self.start(*command) as process:
            printed, _ = process.communicate()
        assert process.returncode == status, printed
        return printed

    def dvc(self, *arguments: str, status: int = 0) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments, status=status)

    def commit(self) -> None:
        """Commits all changes, or none."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", "more")

    def changes(self) -> str:
        return self.run("git", "status", "--porcelain")

    def metrics(self) -> dict[str, float]:
        return dict(json.loads((self.folder / "metrics" / "evaluate.json").read_text()))

    def set(self, key: str, value: object) -> None:
        set_params(self.folder / "params.yaml", {key: value})


def run_python(code: str, *words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs code in this Python, with the project on its path."""
    command, env = [sys.executable, "-c", code, *words], os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def environment() -> dict[str, str]:
    """Returns variables with which the stages' `python` is the one that runs this."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    roles, fields = ("AUTHOR", "COMMITTER"), ("NAME", "EMAIL")
    identity = {f"GIT_{role}_{field}": "test@example.org" for role in roles for field in fields}
    # A make that runs the tests would change what a make in the copy prints.
    outer = dict.fromkeys(("MAKEFLAGS", "MAKELEVEL", "MFLAGS", VARIABLE), "")
    return os.environ | outer | identity | {"PATH": path}


def set_params(path: Path, changes: Mapping[str, object]) -> None:
    """Changes or adds parameters, named as for `dvc exp run -S`; the value `...` removes one."""
    params = yaml.safe_load(path.read_text())
    for key, value in changes.items():
        *sections, last = (int(name) if name.isdecimal() else name for name in key.split("."))
        section = reduce(getitem, sections, params)
        section[last] = value
        if value is ...:
            del section[last]
    path.write_text(yaml.safe_dump(params))


def ran(printed: str) -> list[str]:
    """Returns the stages that a `dvc repro` ran, from what it printed."""
    lines = [line for line in printed.splitlines() if line.startswith("Running stage")]
    return [line.split("'")[1] for line in lines]
