"""What a person runs and DVC never does; nothing in `stages` uses it."""

import subprocess
import sys
from pathlib import Path

import stages  # noqa: F401 before NumPy: the tools compute as the stages do
from stages.harness.errors import InputError


def run_in(folder: Path, *command: str, shown: bool = False) -> str:
    """Runs git or DVC in `folder`, and returns what it prints, or shows it on stderr."""
    out, err = (sys.stderr, None) if shown else (subprocess.PIPE, subprocess.PIPE)
    done = subprocess.run(command, cwd=folder, stdout=out, stderr=err, text=True, check=False)
    if done.returncode:
        raise InputError(done.stderr or f"{' '.join(command)} failed, see above")
    return (done.stdout or "").rstrip()
