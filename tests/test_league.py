"""The league: runs that differ in their seed share a row."""

from typing import Any

from benchmarks.league import best, finished, table


def run(model: str, seed: int, accuracy: float, **settings: float) -> dict[str, Any]:
    """One run, as `dvc exp show --json` tells it."""
    params: dict[str, Any] = {
        "train": {"model": model, "seed": seed},
        "models": {"mlp": {"rate": 0.1, "epochs": 5}, "svm": {"cost": 10}},
    }
    params["models"][model] |= settings
    scores = {"accuracy": accuracy, "log_loss": 1 - accuracy, "calibration_error": 0.01}
    return {
        "rev": "a1b2c3",
        "data": {
            "params": {"params.yaml": {"data": params}},
            "metrics": {"metrics/evaluate.json": {"data": scores}},
        },
    }


def shown(*experiments: dict[str, Any]) -> list[dict[str, Any]]:
    """A workspace, a commit, and its experiments."""
    workspace = run("mlp", 1, 0.1) | {"rev": "workspace", "experiments": None}
    below = [{"revs": [experiment]} for experiment in experiments]
    return [workspace, run("mlp", 1, 0.90) | {"experiments": below}]


def cells(text: str) -> list[list[str]]:
    return [[cell for cell in line.split("  ") if cell] for line in text.splitlines()[1:]]


def test_seeds_share_a_row_and_the_best_is_first() -> None:
    found = list(finished(shown(run("mlp", 2, 0.92), run("svm", 1, 0.99), run("svm", 2, 0.97))))
    rows = cells(table(found))
    assert [row[0].strip() for row in rows] == ["svm", "mlp"]
    assert [row[1].strip() for row in rows] == ["2", "2"]
    assert rows[0][2].strip() == "0.9800 ± 0.0141"
    assert rows[1][2].strip() == "0.9100 ± 0.0141"


def test_what_sets_runs_of_a_model_apart_is_named() -> None:
    found = list(finished(shown(run("mlp", 1, 0.95, rate=0.2), run("svm", 1, 0.99))))
    assert [row[0].strip() for row in cells(table(found))] == [
        "svm",
        "mlp, rate=0.2",
        "mlp, rate=0.1",
    ]


def test_a_run_counts_once_and_other_models_parameters_do_not_matter() -> None:
    again = run("mlp", 1, 0.90)
    again["data"]["params"]["params.yaml"]["data"]["models"]["svm"]["cost"] = 99
    [row] = cells(table(list(finished(shown(again)))))
    assert row[1].strip() == "1"
    assert row[2].strip() == "0.9000"


def test_experiments_that_have_not_ended_well_are_left_out() -> None:
    """DVC gives them the scores of the commit."""
    table = shown(run("svm", 1, 0.90) | {"error": {"msg": "failed"}}, run("mlp", 9, 0.90))
    table[1]["experiments"][1]["executor"] = {"state": "running"}
    assert len(list(finished(table))) == 1
    table[1]["experiments"][1]["executor"] = {"state": "success"}
    assert len(list(finished(table))) == 2


def test_experiments_without_scores_are_left_out() -> None:
    queued, failed = run("svm", 1, 0.99), {"rev": "d4e5f6", "data": None}
    queued["data"]["metrics"] = {}
    assert len(list(finished(shown(queued, failed)))) == 1


def test_the_best_is_the_most_accurate_then_the_surest() -> None:
    named = [
        run("mlp", i, accuracy) | {"name": f"e{i}"} for i, accuracy in enumerate((0.8, 0.9, 0.9))
    ]
    named[1]["data"]["metrics"]["metrics/evaluate.json"]["data"]["log_loss"] = 0.5
    assert best(list(finished(shown(*named)))) == "e2"
    assert best(list(finished(shown()))) is None  # the commit is what it is compared with


def test_what_changes_no_score_sets_no_runs_apart() -> None:
    other = run("mlp", 1, 0.90)
    other["data"]["params"]["params.yaml"]["data"]["report"] = {"digits_shown": 7}
    assert len(cells(table(list(finished(shown(other)))))) == 1
