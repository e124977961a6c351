"""Ranks this commit's experiments; experiments that differ only in `train.seed` share a row.

    dvc exp run --queue -S train.model=svm -S train.seed=1,2,3 && dvc exp run --run-all
    python -m tools.leaderboard [--best]

Prints mean ± standard deviation of the scores on the validation rows, the best accuracy first, and
the name of the best experiment; with `--best` only that name.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import pandas as pd

from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.params import list_used
from tools import run_in

MODEL, SEED = "train.model", "train.seed"
BEST_FIRST: dict[str, Any] = {"by": ["accuracy", "log_loss"], "ascending": [False, True]}
SCORES = {"accuracy": "accuracy", "log_loss": "log loss", "calibration_error": "calibration"}


def read_runs(shown: list[dict[str, Any]]) -> pd.DataFrame:
    """Reads what `dvc exp show --json` prints.

    Returns:
        Parameters and scores of the commit, which has no name, and of its finished experiments.
    """
    rows = []
    for commit in shown[1:]:  # the first is the workspace
        groups = [group["revs"] for group in commit["experiments"] or [] if _is_finished(group)]
        for one in (commit | {"name": None}, *(rev for revs in groups for rev in revs)):
            data = one.get("data") or {}
            params = data.get("params", {}).get("params.yaml", {}).get("data")
            scores = data.get("metrics", {}).get(paths.SCORES.as_posix(), {}).get("data")
            if params and scores:
                rows.append({"name": one.get("name"), **list_used(params), **scores})
    return pd.DataFrame(rows)


def _is_finished(group: dict[str, Any]) -> bool:
    """DVC gives experiments that are queued, running or failed the commit's scores."""
    state = (group.get("executor") or {}).get("state") or "success"
    return state == "success" and not any(rev.get("error") for rev in group["revs"])


def format_spread(values: "pd.Series[float]") -> str:
    """Returns mean ± standard deviation; a single value has none."""
    spread = f" ± {values.std():.4f}" if len(values) > 1 else ""
    return f"{values.mean():.4f}{spread}"


def format_table(runs: pd.DataFrame) -> str:
    """Returns a row for each set of parameters: the model, and what differs between its rows."""
    params = [name for name in map(str, runs) if "." in name and not name.startswith("report.")]
    runs = runs.fillna(dict.fromkeys(params, "")).drop_duplicates(params)  # equal ones count once
    groups = runs.groupby([name for name in params if name != SEED])[[*SCORES]]
    ranked = groups.mean().sort_values(**BEST_FIRST).index
    table: pd.DataFrame = groups.agg(format_spread).loc[ranked].map("{:15}".format)
    table.insert(0, "seeds", groups.size())
    settings = ranked.to_frame(index=False)
    names = [_name(row, settings) for row in settings.to_dict("records")]
    return table.rename(columns=SCORES).set_axis(names).to_string(justify="left")


def _name(row: dict[Any, str], rows: pd.DataFrame) -> str:
    model = row[MODEL]
    values = rows[rows[MODEL] == model].nunique()
    differing = [f"{key}={row[key]}" for key in row if values[key] > 1]
    return ", ".join([model, *(text.removeprefix(f"models.{model}.") for text in differing)])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.leaderboard")
    parser.add_argument("--best", action="store_true", help="print only the best one's name")
    only_best = parser.parse_args().best
    runs = read_runs(json.loads(run_in(Path(), "dvc", "exp", "show", "--json")))
    names = [] if runs.empty else runs.sort_values(**BEST_FIRST)["name"].dropna().tolist()
    best = names[0] if names else None
    if runs.empty or (only_best and not best):
        raise InputError("no finished experiment of this commit; see dvc exp show")
    print(best if only_best else format_table(runs))
    if best and not only_best:
        print(f"\nThe most accurate experiment: {best}. Compare it: make compare EXP={best}")


if __name__ == "__main__":
    run(main)
