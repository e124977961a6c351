"""The league: runs that differ only in their seed share a row."""

from typing import Any

from tools.league import choose_best, format_table, list_finished


def run(model: str, seed: int, accuracy: float, **settings: float) -> dict[str, Any]:
    """One run, as `dvc exp show --json` prints it."""
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


def rows(*experiments: dict[str, Any]) -> list[list[str]]:
    """The cells of the table that the league shows."""
    lines = format_table(list_finished(shown(*experiments))).splitlines()[1:]
    return [[cell.strip() for cell in line.split("  ") if cell] for line in lines]


def test_seeds_share_a_row_and_the_best_is_first() -> None:
    first, second = rows(run("mlp", 2, 0.92), run("svm", 1, 0.99), run("svm", 2, 0.97))
    assert first[:3] == ["svm", "2", "0.9800 ± 0.0141"]
    assert second[:3] == ["mlp", "2", "0.9100 ± 0.0141"]


def test_what_differs_between_runs_of_a_model_is_named() -> None:
    names = [row[0] for row in rows(run("mlp", 1, 0.95, rate=0.2), run("svm", 1, 0.99))]
    assert names == ["svm", "mlp, rate=0.2", "mlp, rate=0.1"]


def test_folds_are_named() -> None:
    folds = run("mlp", 1, 0.95)
    for experiment, count in ((base := run("mlp", 2, 0.91), 1), (folds, 5)):
        experiment["data"]["params"]["params.yaml"]["data"]["split"] = {"folds": count}
    names = [row[0] for row in rows(base, folds)]
    assert names[:2] == ["mlp, split.folds=5", "mlp, split.folds=1"]


def test_a_run_counts_once_and_what_changes_no_score_does_not_matter() -> None:
    again = run("mlp", 1, 0.90)
    params = again["data"]["params"]["params.yaml"]["data"]
    params["models"]["svm"]["cost"] = 99
    params["report"] = {"images_shown": 7}
    [row] = rows(again)
    assert row[:3] == ["mlp", "1", "0.9000"]


def test_unfinished_and_failed_experiments_are_left_out() -> None:
    """DVC gives them the scores of the commit."""
    table = shown(run("svm", 1, 0.90) | {"error": {"msg": "failed"}}, run("mlp", 9, 0.90))
    table[1]["experiments"][1]["executor"] = {"state": "running"}
    assert len(list_finished(table)) == 1
    table[1]["experiments"][1]["executor"] = {"state": "success"}
    assert len(list_finished(table)) == 2


def test_experiments_without_scores_are_left_out() -> None:
    queued, failed = run("svm", 1, 0.99), {"rev": "d4e5f6", "data": None}
    queued["data"]["metrics"] = {}
    assert len(list_finished(shown(queued, failed))) == 1


def test_the_best_is_the_most_accurate_then_the_one_of_lowest_log_loss() -> None:
    accuracies = (0.8, 0.9, 0.9)
    named = [run("mlp", i, x) | {"name": f"e{i}"} for i, x in enumerate(accuracies)]
    named[1]["data"]["metrics"]["metrics/evaluate.json"]["data"]["log_loss"] = 0.5
    assert choose_best(list_finished(shown(*named))) == "e2"
    assert choose_best(list_finished(shown())) is None  # the commit is no experiment
