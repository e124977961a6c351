"""Makes a clone of this project one for your own images: removes what only digits need.

    python -m tools.template NAME

It changes the folder that it runs in and commits nothing: `git diff HEAD` shows what it did, and
`git reset --hard` undoes it. It ends with a line if git has changes that this would lose.
"""

import re
import sys
from pathlib import Path

from stages.harness import paths
from stages.harness.errors import InputError, run
from tools import run_in

HERE = Path()
REMOVED = (
    "benchmarks", "notebooks", "tools/draw", "tools/recognize", "tools/template.md",
    "tools/template.py", "data/sources/fashion_mnist", "data/sources/kaggle", "data/sources/mnist",
    "docs/classifiers.md", "docs/competition.md", "docs/images", "docs/notebook.md",
    "docs/own-digit.md", "docs/performance.md", "docs/plain_script.py",
    "tests/documents/test_commands.py",  # pages show accuracies of digits
    "tests/documents/test_notebook.py", "tests/support/finding.py", "tests/tools/draw",
    "tests/tools/recognize", "tests/tools/test_template.py",
)  # fmt: skip
# What in other files goes: a pattern, and what takes its place.
EDITS = {
    "Makefile": {
        r"^(benchmark|draw|kernel): .*\n\t.*\n": "",
        r" kernel draw \\\n\tbenchmark": "",
    },
    "tests/pipeline/test_no_code_runs.py": {r".*(RECOGNIZE|digit\.png).*\n": ""},
    "tests/pipeline/test_entry_points.py": {r', "recognize", "draw"': ""},
    "pyproject.toml": {r', "benchmarks"\]': "]", r'^"benchmarks/\*".*\n': ""},
    "dvc.yaml": {
        r"digit-classifier:": "{name}:",
        r"^ *labels: .*\n": "",
    },
}
NAME = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")  # as DVC allows it
LINK = re.compile(r"\[([^]]+)\]\(([^)#]+)(#[^)]*)?\)")


def unlink(page: Path) -> None:
    """Keeps only the words of a page's links to files that are gone."""

    def choose(link: re.Match[str]) -> str:
        is_there = link[2].startswith("http") or (page.parent / link[2]).exists()
        return link[0] if is_there else link[1]

    page.write_text(LINK.sub(choose, page.read_text("utf-8")), "utf-8", newline="\n")


def main() -> None:
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if not NAME.fullmatch(name):
        raise InputError("expected one name, of small letters, digits and -, as in: tiles")
    if run_in(HERE, "git", "status", "--porcelain"):
        raise InputError("git has changes that are not committed: commit them first, or undo them")
    readme = Path(__file__).with_suffix(".md").read_text("utf-8").format(name=name)
    run_in(HERE, "git", "rm", "-r", "--quiet", *REMOVED)
    for file, edits in EDITS.items():
        text = Path(file).read_text("utf-8")
        for pattern, new in edits.items():
            text, count = re.subn(pattern, new.format(name=name), text, flags=re.MULTILINE)
            if not count:
                raise InputError(f"{file}: no {pattern} to change; git reset --hard, and edit it")
        Path(file).write_text(text, "utf-8", newline="\n")
    Path("README.md").write_text(readme, "utf-8", newline="\n")
    for page in run_in(HERE, "git", "ls-files", "*.md").splitlines():
        if not Path(page).is_relative_to(paths.METRICS):
            unlink(Path(page))
    print(f"{name}: see git diff HEAD; then make check, git add --all and git commit")


if __name__ == "__main__":
    run(main)
