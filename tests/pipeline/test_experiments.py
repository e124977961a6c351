"""Experiments in a fresh copy: run, queued, compared, applied."""

import json
import sys
from pathlib import Path

import pytest

from tests.support.clone import Clone

pytestmark = pytest.mark.slow
# Each experiment's change, and the family of its classifier. docs/experiments.md runs others.
QUEUED = {
    "knn": ("train.model=knn", "neighbours"),
    "slow": ("models.mlp.learning_rate=1e-5", "network"),
}


def test_experiments_in_one_queue_with_two_workers(clone: Clone) -> None:
    """One parameter apart, and all that follows is the same for each; no result is another's."""
    for name, (change, _) in QUEUED.items():
        clone.dvc("exp", "run", "--queue", "--name", name, "-S", change)
    clone.dvc("exp", "run", "--queue", "--name", "fails", "-S", "models.mlp.epochs=0")
    clone.dvc("queue", "start", "--jobs", "2")
    for name in (*QUEUED, "fails"):
        log = clone.dvc("queue", "logs", "--follow", name)
        assert not {"\x1b", "\r", "\b"} & set(log)
        assert ("trained on " in log) == (name != "fails")
    shown = json.loads(clone.dvc("exp", "show", "--json"))
    revs = (rev for group in shown[1]["experiments"] for rev in group["revs"])
    data = {rev["name"]: rev["data"] for rev in revs}
    scores = {name: row["metrics"]["metrics/evaluate.json"]["data"] for name, row in data.items()}
    assert scores.pop("fails") == clone.metrics()  # the commit's: DVC 3.67
    assert sorted(scores) == sorted(QUEUED)
    assert scores["slow"]["accuracy"] < 0.9 < scores["knn"]["accuracy"]
    board = clone.run(sys.executable, "-m", "tools.leaderboard").splitlines()
    assert [line.split()[0].rstrip(",") for line in board[1:-2]] == ["knn", "mlp", "mlp"]
    check_table(clone)
    check_plots(clone)
    assert clone.changes() == ""
    for name, (_, family) in QUEUED.items():
        clone.dvc("exp", "apply", name)
        manifest = json.loads((clone.folder / "data" / "model" / "manifest.json").read_text())
        assert manifest["family"] == family
        assert clone.metrics() == scores[name]
        assert " M data/submission.csv" in clone.changes()
    # Alone, the last one is the same.
    clone.dvc("repro", "--no-run-cache", "--force", "--single-item", "train", "evaluate")
    assert clone.metrics() == scores["slow"]
    check_kept_experiment(clone)


def check_kept_experiment(clone: Clone) -> None:
    """Back to the last commit, and on to the experiment, for good."""
    clone.run("git", "checkout", "--quiet", "HEAD", ".")
    clone.dvc("checkout", "--quiet")
    assert clone.changes() == ""
    assert "up to date" in clone.dvc("status")
    clone.dvc("exp", "apply", "slow")
    assert "1e-05" in (clone.folder / "params.yaml").read_text()
    [name] = json.loads(clone.dvc("params", "diff", "--json"))["params.yaml"]
    assert name == "models.mlp.learning_rate"
    assert "accuracy" in json.loads(clone.dvc("metrics", "diff", "--json"))["metrics/evaluate.json"]
    check_that_a_typo_hides_nothing_from_git(clone)
    clone.run("git", "commit", "--quiet", "--all", "--message", "Learn slowly")
    changed = clone.run("git", "show", "--name-only", "--format=", "HEAD").split()
    assert {"params.yaml", "data/submission.csv", "metrics/report.html"} <= set(changed)
    lines = clone.run("git", "show", "--numstat", "--format=", "HEAD", "params.yaml")
    assert lines.split() == ["1", "1", "params.yaml"]  # DVC leaves the others as they are
    assert "up to date" in clone.dvc("status")


def check_that_a_typo_hides_nothing_from_git(clone: Clone) -> None:
    """After a failed run, git sees all that differs from the commit; see `touch_tracked`."""
    params = clone.folder / "params.yaml"
    applied, changes = params.read_bytes(), clone.changes()
    assert " M data/submission.csv" in changes
    printed = clone.dvc("exp", "run", "-S", "train.model=svmm", status=255)
    assert "error: params.yaml: train.model: " in printed
    assert "did you mean svm?" in printed
    params.write_bytes(applied)
    assert clone.changes() == changes


def check_table(clone: Clone) -> None:
    """The list of experiments fits 80 columns, and its rows explain themselves."""
    makefile = (clone.folder / "Makefile").read_text()
    [hidden] = [
        line.removeprefix("HIDDEN = ") for line in makefile.splitlines() if "HIDDEN =" in line
    ]
    show = ("exp", "show", "--only-changed", "--hide-failed", "--drop", f"({hidden}|train.model)")
    head, *rows = (line.split(",") for line in clone.dvc(*show, "--csv").splitlines())
    assert head[-3:] == ["accuracy", "log_loss", "models.mlp.learning_rate"]
    assert [row[-1] for row in rows if row[0] == "slow"] == ["1e-05"]
    table = clone.dvc(*show, "--no-pager")
    assert "…" not in table
    assert "slow" in table
    assert max(map(len, table.splitlines())) <= 80


def check_plots(clone: Clone) -> None:
    """Each plot compares two experiments, and has a picture beside it that needs no web."""
    printed = clone.dvc("plots", "diff", "HEAD", "slow", "--json", "--out", "dvc_plots")
    found = json.loads(printed)
    assert not found.get("errors")
    pictures = {"accuracy", "confusion", "coverage", "loss", "reliability"}
    galleries = {"samples", "test_images", "validation_images"}
    drawn = {name: plots for name, plots in found["data"].items() if plots[0]["type"] == "vega"}
    assert len(drawn) == len(pictures)
    files = {f"{name}.svg" for name in pictures} | {f"{name}.png" for name in galleries}
    assert set(found["data"]) - set(drawn) == {f"metrics/figures/{file}" for file in files}
    for plots in found["data"].values():
        assert {rev for plot in plots for rev in plot["revisions"]} == {"HEAD", "slow"}
        assert all(Path(plot["url"]).exists() for plot in plots if "url" in plot)
