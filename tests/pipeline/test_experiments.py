"""Experiments in a fresh copy: run, queued, compared, applied."""

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.support.clone import Clone

pytestmark = pytest.mark.slow


def test_an_experiment_and_what_dvc_says_of_it(clone: Clone) -> None:
    clone.dvc("exp", "run", "--name", "slow", "-S", "models.mlp.learning_rate=1e-5")
    assert "1e-05" in (clone.folder / "params.yaml").read_text()
    assert clone.metrics()["accuracy"] < 0.9
    [row] = json.loads(clone.dvc("params", "diff", "--json"))["params.yaml"].items()
    assert row[0] == "models.mlp.learning_rate"
    assert "accuracy" in json.loads(clone.dvc("metrics", "diff", "--json"))["metrics/evaluate.json"]
    check_table(clone)
    check_plots(clone)
    # Back to the last commit, and on to the experiment, for good.
    clone.run("git", "checkout", "--quiet", "HEAD", ".")
    clone.dvc("checkout", "--quiet")
    assert clone.changes().strip() == "?? dvc_plots/" or clone.changes() == ""
    assert "up to date" in clone.dvc("status")
    clone.dvc("exp", "apply", "slow")
    clone.run("git", "commit", "--quiet", "--all", "--message", "Learn slowly")
    changed = clone.run("git", "show", "--name-only", "--format=", "HEAD").split()
    assert {"params.yaml", "data/submission.csv", "metrics/report.html"} <= set(changed)
    lines = clone.run("git", "show", "--numstat", "--format=", "HEAD", "params.yaml")
    assert lines.split() == ["1", "1", "params.yaml"]  # DVC leaves the others as they are
    assert "up to date" in clone.dvc("status")
    clone.run("git", "reset", "--quiet", "--hard", "HEAD~1")


def check_table(clone: Clone) -> None:
    """The list of experiments fits 80 columns, and its rows explain themselves."""
    makefile = (clone.folder / "Makefile").read_text()
    [hidden] = [
        line.removeprefix("HIDDEN = ") for line in makefile.splitlines() if "HIDDEN =" in line
    ]
    show = ("exp", "show", "--only-changed", "--drop", f"({hidden})")
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
    digits = {"samples", "test_digits", "validation_digits"}
    drawn = {name: plots for name, plots in found["data"].items() if plots[0]["type"] == "vega"}
    assert len(drawn) == len(pictures)
    assert set(found["data"]) - set(drawn) == {
        f"metrics/figures/{name}.png" for name in pictures | digits
    }
    for plots in found["data"].values():
        assert {rev for plot in plots for rev in plot["revisions"]} == {"HEAD", "slow"}
        assert all(Path(plot["url"]).exists() for plot in plots if "url" in plot)
    clone.dvc("plots", "diff", "HEAD", "slow", "--out", "dvc_plots")
    page = (clone.folder / "dvc_plots" / "index.html").read_text()
    for name, rev in product(pictures | digits, ("HEAD", "slow")):
        assert f'src="static/{rev}_metrics_figures_{name}.png"' in page


def test_a_queue_of_eight_with_two_workers(clone: Clone) -> None:
    """Eight results: none is lost, and none is another's."""
    names = [f"e{seed}" for seed in range(8)]
    for seed, name in enumerate(names):
        changes = ("-S", f"train.seed={seed}", "-S", "models.mlp.epochs=1")
        clone.dvc("exp", "run", "--queue", "--name", name, *changes)
    clone.dvc("exp", "run", "--queue", "--name", "fails", "-S", "models.mlp.epochs=0")
    clone.dvc("queue", "start", "--jobs", "2")
    for name in (*names, "fails"):
        log = clone.dvc("queue", "logs", "--follow", name)
        assert not {"\x1b", "\r", "\b"} & set(log)
        assert ("\nepoch 1/1: loss" in log) == (name != "fails")
    found = json.loads(clone.dvc("exp", "show", "--json"))
    rows = {row["name"]: row["data"] for base in found for row in exps(base)}
    assert rows.pop("fails")["metrics"] == found[1]["data"]["metrics"]  # the commit's: DVC 3.67
    league = clone.run(sys.executable, "-m", "tools.league").splitlines()
    rows_shown = {tuple(line.split()[:3]) for line in league[1:-2]}
    assert rows_shown == {("mlp,", "epochs=1", "8"), ("mlp,", "epochs=5", "1")}
    clone.dvc("queue", "remove", "--failed")
    seeds = {name: row["params"]["params.yaml"]["data"]["train"] for name, row in rows.items()}
    assert seeds == {name: {"model": "mlp", "seed": seed} for seed, name in enumerate(names)}
    scores = {name: row["metrics"]["metrics/evaluate.json"]["data"] for name, row in rows.items()}
    assert len({score["log_loss"] for score in scores.values()}) == 8
    assert clone.changes() == ""
    # Alone, one of them is the same.
    clone.set("train.seed", 5)
    clone.set("models.mlp.epochs", 1)
    clone.dvc("repro", "--no-run-cache")
    assert clone.metrics() == scores["e5"]


def test_all_classifiers_in_one_queue(clone: Clone) -> None:
    """One parameter apart, and all that follows is the same for each."""
    queue = ("exp", "run", "--queue", "-S", "train.model=mlp,cnn,svm,knn")
    quick = ("-S", "models.cnn.members=1", "-S", "models.cnn.epochs=5")
    clone.dvc(*queue, *quick, "-S", "train.seed=1")
    clone.dvc("exp", "run", "--run-all")
    found = json.loads(clone.dvc("exp", "show", "--json"))
    rows = {}
    for row in (row for base in found for row in exps(base)):
        params = row["data"]["params"]["params.yaml"]["data"]
        rows[params["train"]["model"]] = row
        scores = row["data"]["metrics"]["metrics/evaluate.json"]["data"]
        assert scores["accuracy"] > 0.9
        assert scores["log_loss"] < 0.5
    assert sorted(rows) == ["cnn", "knn", "mlp", "svm"]
    league = clone.run(sys.executable, "-m", "tools.league").splitlines()
    assert sorted(line.split()[0].rstrip(",") for line in league[1:-2]) == sorted(rows)
    assert next(line for line in league if line.startswith("mlp")).split()[1] == "2"
    for model, family in (("knn", "neighbours"), ("svm", "support_vectors"), ("cnn", "network")):
        clone.dvc("exp", "apply", rows[model]["name"])
        manifest = json.loads((clone.folder / "data" / "model" / "manifest.json").read_text())
        assert (manifest["model"], manifest["family"]) == (model, family)
        assert clone.metrics() == rows[model]["data"]["metrics"]["metrics/evaluate.json"]["data"]
        assert " M data/submission.csv" in clone.changes()


def exps(base: dict) -> Iterator[dict]:  # type: ignore[type-arg]
    """The experiments that `dvc exp show --json` lists below a commit."""
    for experiment in base.get("experiments") or ():
        yield from experiment["revs"]
