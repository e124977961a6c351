"""A pipeline to interrupt and to damage, and the files that a whole run of it leaves."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import yaml

from stages.harness import paths
from stages.harness.outputs import sha256
from tests.support.clone import Clone, ran


class Run:
    """`dvc repro` in a process group of its own, and what it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.printed = process, ""

    def until(self, stage: str | None) -> None:
        """Reads what is printed until a stage starts, or to the end."""
        for line in self.process.stdout or ():
            self.printed += line
            if ran(line) == [stage]:
                return

    def end(self, number: signal.Signals) -> int:
        """Sends a signal to all its processes; returns the status."""
        os.killpg(self.process.pid, number)
        self.until(None)
        return self.process.wait()


@contextmanager
def repro(clone: Clone, *arguments: str, prefix: Sequence[str] = ()) -> Iterator[Run]:
    """Starts `dvc repro` in a copy."""
    dvc = (*prefix, sys.executable, "-m", "dvc", "repro", *arguments)
    with clone.start(*dvc, own_group=True) as process:
        yield Run(process)


class Uninterrupted:
    """A copy to damage, with the files of a run from nothing to the end."""

    def __init__(self, clone: Clone) -> None:
        self.clone = clone
        self.files = self.found()

    def start_anew(self) -> None:
        """Removes everything that the pipeline wrote, and DVC's caches."""
        self.clone.run("git", "reset", "--quiet", "--hard")
        self.clone.run("git", "clean", "-xdfq")
        for path in (self.clone.folder / paths.METRICS).rglob("*.*"):
            path.unlink()
        (self.clone.folder / paths.SUBMISSION).unlink(missing_ok=True)

    def again(self) -> None:
        """Does what `make repro` does: afterwards all files are those of a whole run."""
        (self.clone.folder / ".git" / "index.lock").unlink(missing_ok=True)  # as it tells the user
        self.clone.run(sys.executable, "-m", "tools.repair")
        self.clone.dvc("repro")
        assert self.found() == self.files

    def found(self) -> dict[str, str]:
        """The SHA-256 of every file but git's, DVC's own, and the record of the machine."""
        top = self.clone.folder
        lock = yaml.safe_load((top / "dvc.lock").read_text())["stages"]
        outs = {out["path"]: out["md5"] for stage in lock.values() for out in stage.get("outs", ())}
        files = {
            path.relative_to(top).as_posix(): sha256(path)
            for path in top.rglob("*")
            if path.is_file() and not {".git", ".dvc", "__pycache__"}.intersection(path.parts)
        }
        all_but = ("dvc.lock", paths.ENVIRONMENT.as_posix())
        return {name: digest for name, digest in (files | outs).items() if name not in all_but}
