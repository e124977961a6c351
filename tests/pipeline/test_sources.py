"""Sources in DVC: chosen by a parameter, tracked by their owner, shared through a remote."""

from pathlib import Path

import pandas as pd
import pytest

from tests.support.clone import ALL, Clone, ran

pytestmark = pytest.mark.slow

UP_TO_DATE = "Data and pipelines are up to date.\n"


def small(clone: Clone, folder: Path) -> None:
    """Writes train.csv with 300 rows and test.csv with 40 to a folder."""
    folder.mkdir(exist_ok=True)
    for name, rows in (("train.csv", 301), ("test.csv", 41)):
        lines = (clone.folder / "data" / "raw" / name).read_text().splitlines(keepends=True)
        (folder / name).write_text("".join(lines[:rows]))


def test_a_folder_tracked_as_a_whole_is_a_source(clone: Clone) -> None:
    """In a temporary copy too; docs/competition.md adds a zip file."""
    small(clone, clone.folder / "data" / "sources" / "mine")
    clone.dvc("add", "data/sources/mine")
    clone.run("git", "commit", "--quiet", "--message", "Add my data")
    assert clone.dvc("status") == UP_TO_DATE
    change = ("-S", "data.source=mine", "-S", "models.mlp.epochs=1")
    assert ran(clone.dvc("exp", "run", "--temp", "--name", "mine", *change)) == ALL
    assert clone.changes() == ""
    clone.dvc("exp", "apply", "mine")
    assert clone.dvc("status") == UP_TO_DATE
    assert len(pd.read_csv(clone.folder / "data" / "submission.csv")) == 40
    assert "already tracked by SCM" in clone.dvc("add", "data/sources/kaggle", status=1)


BAD: dict[str, tuple[str, ...]] = {  # docs/troubleshooting.md has more
    "zzz": (
        "no folder data/sources/zzz; there are fashion_mnist, kaggle, mnist, mnist_5k?",
        "make that folder",
    ),
    "nan": ("params.yaml: data.source: ", "quotes"),
}


def test_a_bad_source_ends_in_one_line_and_keeps_the_rest(clone: Clone) -> None:
    submission = clone.folder / "data" / "submission.csv"
    before = submission.read_bytes()
    for name, texts in BAD.items():
        printed = clone.dvc("exp", "run", "-S", f"data.source={name}", status=255)
        [line] = [line for line in printed.splitlines() if line.startswith("error: ")]
        assert all(text in line for text in texts)
        assert "Traceback" not in printed
        assert submission.read_bytes() == before


def test_a_colleague_gets_everything_from_the_remote(clone: Clone, tmp_path: Path) -> None:
    clone.dvc("remote", "add", "--quiet", "--default", "store", str(tmp_path / "store"))
    clone.run("git", "commit", "--quiet", "--all", "--message", "Add a remote")
    clone.dvc("push", "--quiet")
    theirs = clone.cloned(tmp_path / "theirs")
    printed = theirs.dvc("exp", "run", "--pull", "-S", "evaluate.calibration_bins=10")
    assert ran(printed) == ["check", "evaluate", "report", "record"]
    assert theirs.dvc("status") == UP_TO_DATE


def test_what_failed_with_several_sources_works(clone: Clone, tmp_path: Path) -> None:
    """Saving, committing, branches and worktrees, though most sources are never fetched."""
    clone.dvc("exp", "run", "--name", "one", "-S", "evaluate.interval=0.9")
    assert clone.dvc("status") == UP_TO_DATE
    clone.dvc("commit")
    clone.set("evaluate.calibration_bins", 10)
    clone.dvc("repro")
    assert "saved as" in clone.dvc("exp", "save", "--name", "two")
    clone.dvc("exp", "branch", "one", "from-one")
    clone.run("git", "worktree", "add", "--quiet", str(tmp_path / "tree"), "from-one")
    theirs = Clone(tmp_path / "tree", clone.env)
    theirs.dvc("cache", "dir", "--quiet", "--local", str(clone.folder / ".dvc" / "cache"))
    theirs.dvc("checkout", "--quiet")
    assert theirs.dvc("status") == UP_TO_DATE
    assert theirs.changes() == ""
