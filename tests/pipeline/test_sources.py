"""Sources in DVC: chosen by a parameter, tracked by their owner, shared through a remote."""

import shutil
import zipfile
from collections.abc import Iterator
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


@pytest.fixture
def kaggle(clone: Clone, tmp_path: Path) -> Path:
    """A small digit-recognizer.zip in its place."""
    small(clone, tmp_path)
    archive = clone.folder / "data" / "sources" / "kaggle" / "digit-recognizer.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name in ("train.csv", "test.csv"):
            file.write(tmp_path / name, name)
    return archive


@pytest.fixture
def kept(clone: Clone) -> Iterator[Clone]:
    """A copy whose commits are taken back at the end."""
    [start] = clone.run("git", "rev-parse", "HEAD").split()
    yield clone
    clone.run("git", "reset", "--quiet", "--hard", start)


def experiment(clone: Clone, source: str, *options: str) -> str:
    change = ("-S", f"data.source={source}", "-S", "models.mlp.epochs=1")
    return clone.dvc("exp", "run", *options, *change)


@pytest.mark.parametrize("options", [(), ("--temp",)])
def test_a_zip_file_is_added_and_chosen(kept: Clone, kaggle: Path, options: tuple[str]) -> None:
    kept.dvc("add", str(kaggle.relative_to(kept.folder)))
    kept.run("git", "commit", "--quiet", "--message", "Add the competition's data")
    assert kept.dvc("status") == UP_TO_DATE
    assert ran(experiment(kept, "kaggle", *options, "--name", "k")) == ALL
    if options:
        assert kept.changes() == ""
        kept.dvc("exp", "apply", "k")
    assert kept.dvc("status") == UP_TO_DATE
    assert len(pd.read_csv(kept.folder / "data" / "submission.csv")) == 40


def test_a_folder_tracked_as_a_whole_is_a_source(kept: Clone) -> None:
    small(kept, kept.folder / "data" / "sources" / "mine")
    kept.dvc("add", "data/sources/mine")
    kept.run("git", "commit", "--quiet", "--message", "Add my data")
    assert ran(experiment(kept, "mine")) == ALL
    assert kept.dvc("status") == UP_TO_DATE
    assert "already tracked by SCM" in kept.dvc("add", "data/sources/kaggle", status=1)


BAD: dict[str, tuple[str, ...]] = {
    "kagle": ("data.source: kagle: no folder data/sources/kagle; did you mean kaggle?",),
    "zzz": ("no folder data/sources/zzz; there are kaggle, mnist, mnist_5k?", "make that folder"),
    "7": ("params.yaml: data.source: ", "quotes"),
    "nan": ("params.yaml: data.source: ", "quotes"),
    "true": ("params.yaml: data.source: ", "quotes"),
    "kaggle": ("data/sources/kaggle: holds no CSV and no zip file; ", "see data/sources/kaggle"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_source_ends_in_one_line_and_keeps_the_rest(clone: Clone, name: str) -> None:
    before = (clone.folder / "data" / "submission.csv").read_bytes()
    printed = clone.dvc("exp", "run", "-S", f"data.source={name}", status=255)
    [line] = [line for line in printed.splitlines() if line.startswith("error: ")]
    assert all(text in line for text in BAD[name])
    assert "Traceback" not in printed
    assert (clone.folder / "data" / "submission.csv").read_bytes() == before


def test_one_missing_file_is_named(clone: Clone) -> None:
    mine = clone.folder / "data" / "sources" / "mine"
    small(clone, mine)
    (mine / "test.csv").unlink()
    printed = clone.dvc("exp", "run", "-S", "data.source=mine", status=255)
    assert "error: data/sources/mine: holds train.csv but no test.csv; expected" in printed


def test_a_colleague_gets_everything_from_the_remote(clone: Clone, tmp_path: Path) -> None:
    clone.dvc("remote", "add", "--quiet", "--default", "store", str(tmp_path / "store"))
    clone.run("git", "commit", "--quiet", "--all", "--message", "Add a remote")
    clone.dvc("push", "--quiet")
    theirs = clone.cloned(tmp_path / "theirs")
    printed = theirs.dvc("exp", "run", "--pull", "-S", "evaluate.calibration_bins=10")
    assert ran(printed) == ["evaluate", "report", "record"]
    assert theirs.dvc("status") == UP_TO_DATE
    clone.run("git", "reset", "--quiet", "--hard", "HEAD~1")


def test_what_failed_with_several_sources_works(clone: Clone, tmp_path: Path) -> None:
    """Saving, committing, branches and worktrees, though most sources are never fetched."""
    clone.dvc("exp", "run", "--name", "one", "-S", "models.mlp.epochs=1")
    assert clone.dvc("status") == UP_TO_DATE
    clone.dvc("commit")
    clone.set("models.mlp.epochs", 2)
    clone.dvc("repro")
    assert "saved as" in clone.dvc("exp", "save", "--name", "two")
    clone.dvc("exp", "branch", "one", "from-one")
    tree = tmp_path / "tree"
    clone.run("git", "worktree", "add", "--quiet", str(tree), "from-one")
    try:
        theirs = Clone(tree, clone.env)
        assert ran(theirs.dvc("repro")) == ["fetch", "preprocess", "split", "train"]
        assert theirs.dvc("status") == UP_TO_DATE
        assert theirs.changes() == ""
    finally:
        shutil.rmtree(tree)
        clone.run("git", "worktree", "prune")
        clone.run("git", "branch", "--quiet", "--delete", "--force", "from-one")
