"""Every command that the README and the docs show is run, and prints what they show.

In a `console` block, a line that starts with `$ ` is a command, and the lines below it are its
output, where `...` is any text. A command that shows an error must fail, and no other may. In a
`sh` block, each line is a command. A `diff` is applied, and a block with the name of a file after
its language is written to it. A page runs from top to bottom in a fresh copy.
"""

import doctest
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages import ARITHMETIC
from tests.support.clone import ROOT, SAME_BYTES, Clone

DAILY = ["README.md", "docs/experiments.md"]
OTHERS = sorted({f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} - set(DAILY))
PAGES = [*DAILY, *(pytest.param(page, marks=pytest.mark.nightly) for page in OTHERS)]
# What no test can run here, each with its reason.
NOT_RUN = (
    "make test",  # runs this test
    "make benchmark",  # 35 minutes
    "docker",  # needs a Docker engine
    "uv run",  # installs packages: test_installation.py runs it
    "python3 -m venv",  # the same
    "dvc exp run --queue -S train.model=cnn",  # 20 experiments: 13 minutes
    "dvc queue start -j 2",  # runs them
    "dvc exp run --temp --name kaggle-record",  # 10 folds, each of two trainings
)
ADDRESS = "https://github.com/you/digit-recognizer"
ERROR = re.compile(r"^(error|ERROR|fatal|CONFLICT|.* is invalid)\b", re.MULTILINE)
BLOCK = re.compile(r"^```(console|sh|diff|\w+ \S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?!\w)")


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Yields the commands of a page, each with what it should print."""
    for form, block in BLOCK.findall(text):
        if form == "sh":
            yield from ((line, "...") for line in block.splitlines() if line)
        elif form != "console":
            use = "git apply --recount" if form == "diff" else f"cat > {form.split()[1]}"
            yield f"{use} << 'END'\n{block}END", ""
        else:
            before, *commands = re.split(r"^\$ ", block, flags=re.MULTILINE)
            assert not before, f"no command: {before}"
            for command in commands:
                line, _, shown = command.partition("\n")
                yield line, shown


# A page's address of the project leads to a bare repository, as on GitHub. Kaggle's client
# downloads some rows of the default data. `make` uses the environment that runs the tests.
# DVC's queue workers outlive the command that starts them, and sometimes do not end by themselves.
PRELUDE = f"""
top=$PWD raw=$PWD/data/raw
finish() {{
  for one in /proc/[0-9]*; do [ "$(readlink $one/cwd)" = "$top" ] && kill -9 ${{one#/proc/}}; done
}}
trap "cd / && finish" EXIT
kaggle() {{
  case "$*" in
  *download*)
    head -n 1001 $raw/train.csv > ../train.csv && head -n 101 $raw/test.csv > ../test.csv
    python -m zipfile -c data/sources/kaggle/digit-recognizer.zip ../train.csv ../test.csv;;
  *) echo Successfully submitted to Digit Recognizer;;
  esac
}}
prepare() {{
  [ ! -e Makefile ] || [ -e .venv ] || ln -s {shlex.quote(sys.prefix)} .venv
  touch -c -t 200001010000 requirements*.txt pyproject.toml uv.lock
  disown -a # bash says nothing when a page kills what it has started
}}
unset {" ".join(ARITHMETIC)} # set by the `stages` that the tests import, not in a reader's shell
export COLUMNS=100 PAGER=cat XDG_CONFIG_HOME=$PWD/../config JUPYTER_DATA_DIR=$PWD/../jupyter
mkdir -p ../config/git && git clone --quiet --bare . ../hub.git
git config --file ../config/git/config url.$PWD/../hub.git.insteadOf {ADDRESS}
git remote add origin {ADDRESS} && git push --quiet --set-upstream origin main
"""
STEP = """
prepare
echo {name}
{command}
[ $? {sign} 0 ] || exit
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_shows(page: str, reproduced: Clone, tmp_path: Path) -> None:
    """One shell runs the whole page, and ends where a command fails that should not."""
    clone = reproduced.copied(tmp_path / "digit-recognizer")
    shown = [step for step in steps((ROOT / page).read_text()) if not step[0].startswith(NOT_RUN)]
    script = PRELUDE
    for command, output in shown:
        sign = "-ne" if ERROR.search(output) else "-eq"
        name = shlex.quote(f"\1$ {command.partition(chr(10))[0]}")
        script += STEP.format(name=name, command=command, sign=sign)
    _, *printed = re.split("\1.*\n", clone.run("bash", "-c", script))
    for (command, expected), output in zip(shown, printed, strict=True):
        assert is_as_shown(expected, output), f"$ {command}\n{expected}\n--- printed:\n{output}"


def is_as_shown(shown: str, printed: str) -> bool:
    """Whether an output is as shown, but for white space."""
    if not SAME_BYTES:
        shown = NUMBER.sub("...", shown)
    shown = re.sub(r"\s*\.\.\.\s*", "...", shown)  # which may be nothing, between two spaces
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(shown, printed, options)
