"""The leaderboard: runs that differ only in their seed share a row."""

import re
from typing import Any

import pytest

from tools import leaderboard

Json = dict[str, Any]


def run(
    model: str, seed: int, accuracy: float, code: str = "a", rows: str = "", **settings: float
) -> Json:
    """Returns a run, as `dvc exp show --json` prints it."""
    models: Json = {"mlp": {"rate": 0.1, "epochs": 5}, "svm": {"cost": 10}}
    models[model] |= settings
    scores = {"accuracy": accuracy, "log_loss": 1 - accuracy, "calibration_error": 0.01}
    params: Json = {"train": {"model": model, "seed": seed, "rows": rows}, "models": models}
    params["report"] = {"images_shown": seed}
    return {
        "name": f"{model}-{seed}",
        "data": {
            "params": {"params.yaml": {"data": params}},
            "metrics": {"metrics/evaluate.json": {"data": scores}},
            "deps": {
                "stages/train.py": {"hash": code},
                f"stages/models/{model}.py": {"hash": model},
                "data/raw": {"hash": str(seed)},
            },
        },
    }


def shown(*experiments: Json) -> list[Json]:
    """Returns a workspace, a commit (`mlp`, accuracy 0.9000), and its experiments."""
    workspace = run("mlp", 1, 0.1) | {"experiments": None}
    below = [{"revs": [experiment]} for experiment in experiments]
    return [workspace, run("mlp", 1, 0.90) | {"experiments": below}]


EXPERIMENTS = [
    (
        [run("mlp", 2, 0.92), run("svm", 1, 0.99), run("svm", 2, 0.97)],
        ["svm", "2", "0.9800 ± 0.0141"],  # the best is the first
        ["mlp", "2", "0.9100 ± 0.0141"],
    ),
    (
        [run("mlp", 1, 0.95, rate=0.2), run("svm", 1, 0.99)],
        ["svm", "1", "0.9900"],
        ["mlp, rate=0.2", "1", "0.9500"],
        ["mlp, rate=0.1", "1", "0.9000"],
    ),
    ([run("mlp", 1, 0.90)], ["mlp", "1", "0.9000"]),  # a run counts once
    (
        [run("svm", 1, 0.99, rows="800")],
        ["svm, train.rows=800", "1", "0.9900"],
        ["mlp, train.rows=", "1", "0.9000"],
    ),
    ([run("mlp", 1, 0.93, code="b")], ["mlp, other code", "1", "0.9300"], ["mlp", "1", "0.9000"]),
]


@pytest.mark.parametrize("case", EXPERIMENTS)
def test_each_set_of_parameters_has_a_row(case: tuple[Any, ...]) -> None:
    experiments, *rows = case
    table = leaderboard.format_table(leaderboard.read_runs(shown(*experiments)))
    assert [re.split("  +", line)[:3] for line in table.splitlines()[1:]] == rows


def test_runs_without_scores_of_their_own_are_left_out() -> None:
    """DVC gives unfinished and failed experiments the scores of the commit."""
    queued, lost = run("svm", 1, 0.99), {"rev": "d4e5f6", "data": None}
    queued["data"]["metrics"] = {}
    failed = run("svm", 2, 0.90) | {"error": {"msg": "failed"}}
    table = shown(queued, lost, failed, run("mlp", 9, 0.90))
    table[1]["experiments"][3]["executor"] = {"state": "running"}
    assert leaderboard.read_runs(table)["committed"].tolist() == [True]
    table[1]["experiments"][3]["executor"] = {"state": "success"}
    assert len(leaderboard.read_runs(table)) == 2
