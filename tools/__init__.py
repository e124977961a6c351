"""What a person runs and DVC never does; nothing in `stages` uses it."""

import re
import subprocess
import sys
from pathlib import Path

import stages  # noqa: F401 before NumPy: the tools compute as the stages do
from stages.harness.errors import InputError

NO_GIT = "; GitHub's ZIP is none: git init && git add --all && git commit -m Start"


def run_in(folder: Path, *command: str, shown: bool = False) -> str:
    """Runs git or DVC in `folder`, and returns what it prints, or shows it on stderr."""
    out, err = (sys.stderr, None) if shown else (subprocess.PIPE, subprocess.PIPE)
    done = subprocess.run(command, cwd=folder, stdout=out, stderr=err, text=True, check=False)
    if done.returncode:
        said = re.sub(
            "^(fatal|ERROR): ", "", done.stderr or f"{' '.join(command)} failed, see above"
        )
        raise InputError(f"{said}{NO_GIT if 'not a git repository' in said else ''}")
    return (done.stdout or "").rstrip()
