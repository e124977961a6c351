"""Experiments in a fresh copy: run, queued, compared, applied."""

import json
import sys
from collections.abc import Iterator

from tests.clone import Clone


def test_an_experiment_and_what_dvc_says_of_it(clone: Clone) -> None:
    clone.dvc("exp", "run", "--name", "slow", "-S", "models.mlp.learning_rate=1e-5")
    assert "1e-05" in (clone.folder / "params.yaml").read_text()
    assert clone.metrics()["accuracy"] < 0.9
    [row] = json.loads(clone.dvc("params", "diff", "--json"))["params.yaml"].items()
    assert row[0] == "models.mlp.learning_rate"
    assert "accuracy" in json.loads(clone.dvc("metrics", "diff", "--json"))["metrics/evaluate.json"]
    table = clone.dvc("exp", "show", "--csv")
    assert "slow" in table
    assert "accuracy" in table
    for diff in ((), ("diff", "HEAD")):
        command = diff or ("show",)
        clone.dvc("plots", *command, "--out", "dvc_plots")
        page = (clone.folder / "dvc_plots" / "index.html").read_text()
        assert "<img" in page
        assert "Confusion" in page
    clone.run("git", "reset", "--quiet", "--hard")
    clone.dvc("exp", "apply", "slow")
    assert clone.metrics()["accuracy"] < 0.9
    clone.dvc("exp", "remove", "slow")


def test_a_queue_of_eight_with_two_workers(clone: Clone) -> None:
    """Eight results: none is lost, and none is another's."""
    names = [f"e{seed}" for seed in range(8)]
    for seed, name in enumerate(names):
        changes = ("-S", f"train.seed={seed}", "-S", "models.mlp.epochs=1")
        clone.dvc("exp", "run", "--queue", "--name", name, *changes)
    clone.dvc("queue", "start", "--jobs", "2")
    for name in names:
        clone.dvc("queue", "logs", "--follow", name)
    found = json.loads(clone.dvc("exp", "show", "--json"))
    rows = {row["name"]: row["data"] for base in found for row in exps(base)}
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
    league = clone.run(sys.executable, "-m", "benchmarks.league").splitlines()
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
