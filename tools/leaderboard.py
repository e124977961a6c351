"""Ranks this commit and its experiments; those that differ only in `train.seed` share a row.

    dvc exp run --queue -S train.model=svm -S train.seed=1,2,3 && dvc exp run --run-all
    python -m tools.leaderboard [--best]

Prints mean ± standard deviation of the scores on the validation rows, the best accuracy first, and
the name of the best experiment; with `--best` only that name.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

from stages.harness import paths
from stages.harness.errors import InputError, run
from stages.harness.params import list_used
from tools import run_in

MODEL, SEED, CODE = "train.model", "train.seed", "code"
CODE_PATH = re.compile(r"stages/(?!models/)")
NAME, COMMITTED = "name", "committed"
BEST_FIRST: dict[str, Any] = {"by": ["accuracy", "log_loss"], "ascending": [False, True]}
SCORES = {"accuracy": "accuracy", "log_loss": "log loss", "calibration_error": "calibration"}


def read_runs(shown: list[dict[str, Any]]) -> pd.DataFrame:
    """Reads what `dvc exp show --json` prints.

    Returns of the commit (`committed`) and of its finished experiments: name, code (a text, equal
    for equal code), parameters and scores.
    """
    rows = []
    for commit in shown[1:]:  # the first is the workspace
        groups = [group["revs"] for group in commit["experiments"] or [] if _is_finished(group)]
        for one in (commit, *(rev for revs in groups for rev in revs)):
            data = one.get("data") or {}
            params = data.get("params", {}).get("params.yaml", {}).get("data")
            scores = data.get("metrics", {}).get(paths.SCORES.as_posix(), {}).get("data")
            deps = sorted(data.get("deps", {}).items())
            # The files of models are in the hash of their folder; each run depends on its own.
            code = [(path, file["hash"]) for path, file in deps if CODE_PATH.match(path)]
            if params and scores:
                about = {NAME: one.get("name"), CODE: str(code), COMMITTED: one is commit}
                rows.append(about | list_used(params) | scores)
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
    """Returns a row for each set of parameters: the model, and what differs between the rows."""
    params = [name for name in map(str, runs) if "." in name and not name.startswith("report.")]
    params.append(CODE)
    committed_code = runs.loc[runs[COMMITTED], CODE].tolist() or runs[CODE].tolist()
    runs = runs.fillna(dict.fromkeys(params, "")).drop_duplicates(params)  # equal ones count once
    groups = runs.groupby([name for name in params if name != SEED])
    scores = groups[[*SCORES]]
    ranked = scores.mean().sort_values(**BEST_FIRST).index
    table: pd.DataFrame = scores.agg(format_spread).loc[ranked].map("{:15}".format)
    table.insert(0, "seeds", groups.size())
    names = groups[NAME].agg(lambda names: ", ".join([*names[:4], "..."][: len(names)]))
    table["names"] = names.str.ljust(names.str.len().max())
    settings = ranked.to_frame(index=False)
    rows = [_describe(row, settings, committed_code[0]) for row in settings.to_dict("records")]
    return table.rename(columns=SCORES).set_axis(rows).to_string(justify="left")


def _describe(row: dict[Any, str], rows: pd.DataFrame, committed_code: str) -> str:
    """Returns the model, and the parameters that differ between rows, its own between its rows."""
    model, of_all = row[MODEL], rows.nunique()
    of_model = rows[rows[MODEL] == model].nunique()
    words = [model]
    for key in row:
        count = (of_model if key.startswith("models.") else of_all)[key]
        if count > 1 and key not in (MODEL, CODE):
            words.append(f"{key}={row[key]}".removeprefix(f"models.{model}."))
    return ", ".join(words if row[CODE] == committed_code else [*words, "other code"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.leaderboard")
    parser.add_argument("--best", action="store_true", help="print only the best one's name")
    only_best = parser.parse_args().best
    runs = read_runs(json.loads(run_in(Path(), "dvc", "exp", "show", "--json")))
    ranked = runs if runs.empty else runs.sort_values(**BEST_FIRST)
    names = [] if runs.empty else ranked.loc[~ranked[COMMITTED], NAME].tolist()
    if runs.empty or (only_best and not names):
        raise InputError("no finished experiment of this commit; see dvc exp show")
    print(names[0] if only_best else format_table(runs))
    if names and not only_best:
        best = "the commit's own run" if ranked[COMMITTED].iloc[0] else names[0]
        print(f"\nThe most accurate: {best}. Compare: make compare EXP={names[0]}")


if __name__ == "__main__":
    run(main)
