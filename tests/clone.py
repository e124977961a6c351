"""A fresh copy of what git tracks, to run DVC in: no cache, no remote, no run cache."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
ALL = ["preprocess", "split", "train", "evaluate", "predict", "report", "record"]


class Clone:
    """A repository of its own, with the files that git tracks here as they are now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The stages' `python` is the one that runs the tests.
        paths = (str(Path(sys.executable).parent), os.environ["PATH"])
        identity = {
            f"GIT_{role}_{what}": "test@example.org"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        self.env = os.environ | {"PATH": os.pathsep.join(paths)} | identity
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, names.split("\0")):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        self.run("git", "init", "--quiet")
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", "all")

    def start(self, *command: str, own_group: bool = False) -> subprocess.Popen[str]:
        """Starts a command; what it prints can be read from it."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=own_group,
        )

    def run(self, *command: str, status: int = 0) -> str:
        """Runs a command to its end and returns what it printed."""
        with self.start(*command) as process:
            printed, _ = process.communicate()
        assert process.returncode == status, printed
        return printed

    def dvc(self, *arguments: str, status: int = 0) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments, status=status)

    def changes(self) -> str:
        return self.run("git", "status", "--porcelain")

    def set(self, key: str, value: object) -> None:
        """Changes one parameter, in the file."""
        path = self.folder / "params.yaml"
        params = yaml.safe_load(path.read_text())
        *sections, name = key.split(".")
        section = params
        for part in sections:
            section = section[part]
        section[name] = value
        path.write_text(yaml.safe_dump(params))

    def metrics(self) -> dict[str, float]:
        text = (self.folder / "metrics" / "evaluate.json").read_text()
        return dict(json.loads(text))


def ran(printed: str) -> list[str]:
    lines = [line for line in printed.splitlines() if line.startswith("Running stage")]
    return [line.split("'")[1] for line in lines]
