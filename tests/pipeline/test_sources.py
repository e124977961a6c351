"""Sources in DVC: chosen by a parameter, tracked by their owner, shared through a remote."""

import zipfile
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


def experiment(clone: Clone, source: str, *options: str) -> str:
    change = ("-S", f"data.source={source}", "-S", "models.mlp.epochs=1")
    return clone.dvc("exp", "run", *options, *change)


def test_a_zip_file_is_added_and_chosen(clone: Clone, kaggle: Path) -> None:
    clone.dvc("add", str(kaggle.relative_to(clone.folder)))
    clone.run("git", "commit", "--quiet", "--message", "Add the competition's data")
    assert clone.dvc("status") == UP_TO_DATE
    assert ran(experiment(clone, "kaggle", "--temp", "--name", "k")) == ALL
    assert clone.changes() == ""
    clone.dvc("exp", "apply", "k")
    assert clone.dvc("status") == UP_TO_DATE
    assert len(pd.read_csv(clone.folder / "data" / "submission.csv")) == 40


def test_a_folder_tracked_as_a_whole_is_a_source(clone: Clone) -> None:
    small(clone, clone.folder / "data" / "sources" / "mine")
    clone.dvc("add", "data/sources/mine")
    clone.run("git", "commit", "--quiet", "--message", "Add my data")
    assert ran(experiment(clone, "mine")) == ALL
    assert clone.dvc("status") == UP_TO_DATE
    assert "already tracked by SCM" in clone.dvc("add", "data/sources/kaggle", status=1)


BAD: dict[str, tuple[str, ...]] = {
    "kagle": ("data.source: kagle: no folder data/sources/kagle; did you mean kaggle?",),
    "zzz": (
        "no folder data/sources/zzz; there are fashion_mnist, kaggle, mnist, mnist_5k?",
        "make that folder",
    ),
    "nan": ("params.yaml: data.source: ", "quotes"),
    "kaggle": ("data/sources/kaggle: holds no CSV and no zip file; ", "see data/sources/kaggle"),
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
    clone.dvc("exp", "run", "--name", "one", "-S", "models.mlp.epochs=1")
    assert clone.dvc("status") == UP_TO_DATE
    clone.dvc("commit")
    clone.set("evaluate.calibration_bins", 10)
    clone.dvc("repro")
    assert "saved as" in clone.dvc("exp", "save", "--name", "two")
    clone.dvc("exp", "branch", "one", "from-one")
    clone.run("git", "worktree", "add", "--quiet", str(tmp_path / "tree"), "from-one")
    theirs = Clone(tmp_path / "tree", clone.env)
    assert ran(theirs.dvc("repro")) == ["fetch", "preprocess", "split", "train"]
    assert theirs.dvc("status") == UP_TO_DATE
    assert theirs.changes() == ""
