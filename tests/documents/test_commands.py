"""Every command that the README and the docs show is run, and prints what they show.

In a `console` block, a line that starts with `$ ` is a command, and the lines below it are its
output: `...` is any text, a line of it any lines, and a number may differ by one in its last
decimal. A command that shows an error must fail, and no other may. In a `sh` block, each line is a
command. A page runs from top to bottom in a fresh copy.
"""

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from stages import ARITHMETIC
from tests.support.clone import ROOT, Clone

pytestmark = pytest.mark.slow
PAGES = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
# What no test can run here, each with its reason.
NOT_RUN = {
    "make test": "runs this test",
    "make check": "runs the tests beside this one",
    "make benchmark": "35 minutes",
    "docker": "needs a Docker engine",
    "uv run": "installs packages: test_installation.py runs it",
    "python3 -m venv": "installs packages: test_installation.py runs it",
    "dvc exp run --queue -S train.model=cnn": "20 experiments: 13 minutes",
    "dvc queue start -j 2": "runs them",
    "dvc exp run --temp --name kaggle-record": "10 folds, each of two trainings",
}
ADDRESS = "https://github.com/you/digit-recognizer"
ERROR = re.compile(r"^(error|ERROR|fatal|CONFLICT|.* is invalid)\b", re.MULTILINE)
BLOCK = re.compile(r"^```(console|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])")


def steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of a page, each with the lines that it should print."""
    for form, block in BLOCK.findall(text):
        lines = block.splitlines()
        if form == "sh":
            yield from ((line, ["..."]) for line in lines if line and not line.startswith("#"))
            continue
        starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
        assert starts[:1] == [0], f"no command: {lines[0]}"
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            shown = [line for line in lines[start + 1 : end] if line]
            yield lines[start].removeprefix("$ "), shown


def same(shown: str, printed: str) -> bool:
    """Whether a line is as shown: `...` is any text, a number may differ in its last decimal."""
    words = re.escape(NUMBER.sub("\0", shown)).replace(r"\.\.\.", ".*")
    pattern = re.sub(r"(?:\\ )+", r"\\s+", words).replace("\\\0", "\0").replace("\0", r"([\d,.]+)")
    match = re.fullmatch(pattern, printed)
    return match is not None and all(map(alike, NUMBER.findall(shown), match.groups()))


def alike(shown: str, printed: str) -> bool:
    """Whether two numbers are equal, or differ by one in the last decimal."""
    decimals = len(shown.partition(".")[2])
    first, second = (float(number.replace(",", "").rstrip(".")) for number in (shown, printed))
    return abs(first - second) <= (1.01 * 10**-decimals if decimals else 0)


def fits(shown: list[str], printed: list[str]) -> bool:
    """Whether an output is as shown: a line `...` is any lines."""
    if not shown:
        return not printed
    if shown[0].strip() == "...":
        return any(fits(shown[1:], printed[start:]) for start in range(len(printed) + 1))
    return bool(printed) and same(shown[0], printed[0]) and fits(shown[1:], printed[1:])


def check(command: str, shown: list[str], printed: str) -> None:
    lines = [line.rstrip() for line in printed.splitlines() if line.strip()]
    expected = "\n".join(shown)
    assert fits(shown, lines), f"$ {command}\n--- shown:\n{expected}\n--- printed:\n{printed}"


class Shell:
    """Runs a page's commands one after the other, as a reader would, in a copy of the project."""

    def __init__(self, clone: Clone, folder: Path) -> None:
        self.cwd, self._pwd, self._variables = clone.folder, folder / "pwd", folder / "variables"
        kaggle, git = folder / "bin" / "kaggle", folder / "config" / "git" / "config"
        for file in (kaggle, git):
            file.parent.mkdir(parents=True)
        kaggle.write_text(KAGGLE.format(raw=clone.folder / "data" / "raw", python=sys.executable))
        kaggle.chmod(0o755)
        # The page's address of the project leads to a bare repository, as on GitHub.
        hub = folder / "hub.git"
        git.write_text(f'[url "{hub}"]\n  insteadOf = {ADDRESS}\n')
        git.with_name("ignore").write_text(".venv\n")  # a symbolic link in these copies
        path = os.pathsep.join((str(kaggle.parent), clone.env["PATH"]))
        config = {"XDG_CONFIG_HOME": str(folder / "config"), "COLUMNS": "100", "PAGER": "cat"}
        env = clone.env | config | {"PATH": path}
        # Set by the `stages` that the tests import, not in a reader's shell.
        self.env = {name: value for name, value in env.items() if name not in ARITHMETIC}
        self.run(f"git clone --quiet --bare . {hub} && git remote add origin {ADDRESS}")
        self.run("git push --quiet --set-upstream origin main")

    def run(self, command: str, fails: bool = False) -> str:
        """Runs a command; the next one starts in the folder and the environment that it leaves."""
        self._share_environment()
        script = f"trap 'pwd > {self._pwd}; env -0 > {self._variables}' EXIT\n{command}"
        shell = Clone(self.cwd, env=self.env).start("bash", "-ec", script)
        with shell:
            printed, _ = shell.communicate()
        assert (shell.returncode != 0) == fails, f"$ {command}\n{printed}"
        self.cwd = Path(self._pwd.read_text().strip())
        variables = self._variables.read_text().split("\0")[:-1]
        self.env = dict(variable.split("=", 1) for variable in variables)
        return printed

    def _share_environment(self) -> None:
        """Lets `make` use the environment that runs the tests, instead of installing another."""
        if (self.cwd / "Makefile").exists() and not (self.cwd / ".venv").exists():
            (self.cwd / ".venv").symlink_to(sys.prefix)
        if (lock := self.cwd / "uv.lock").exists():
            os.utime(lock, (0, 0))


# Kaggle's client: downloads some rows of the default data, and says what it would submit.
KAGGLE = """#!{python}
import sys, zipfile
words = sys.argv[1:]
if words[:2] == ["competitions", "download"]:
    with zipfile.ZipFile(words[words.index("-p") + 1] + "/digit-recognizer.zip", "w") as file:
        for name, rows in (("train.csv", 1001), ("test.csv", 101)):
            with open("{raw}/" + name) as table:
                file.writestr(name, "".join(table.readlines()[:rows]))
print("Successfully submitted to Digit Recognizer" if "submit" in words else "digit-recognizer.zip")
"""


def end_programs(folder: Path) -> None:
    """Ends what a page started and, because a command failed, did not end."""
    for file in folder.glob("*.pid"):
        with suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signal.SIGTERM)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_shows(
    page: str, reproduced: Clone, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    clone = reproduced.copied(tmp_path / "digit-recognizer")
    shell = Shell(clone, tmp_path)
    request.addfinalizer(lambda: end_programs(tmp_path))
    for command, shown in steps((ROOT / page).read_text()):
        if not command.startswith(tuple(NOT_RUN)):
            fails = ERROR.search("\n".join(shown)) is not None
            check(command, shown, shell.run(command.partition("  #")[0], fails))


def test_a_wrong_output_is_noticed() -> None:
    shown = ["accuracy  0.92", "...", "a line of ... text"]
    check("x", shown, "accuracy 0.93\nmore\nand more\na line of other text\n")
    for wrong in ("accuracy 0.94\na line of text", "accuracy 0.92\n", "0.92\na line of a text\n"):
        with pytest.raises(AssertionError):
            check("x", shown, wrong)
