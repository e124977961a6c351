"""Ranks this commit's experiments; experiments that differ only in `train.seed` share a row.

    dvc exp run --queue -S train.model=svm -S train.seed=1,2,3 && dvc exp run --run-all
    python -m tools.league [--best]

Prints mean ± standard deviation of the scores on the validation rows, the best accuracy first, and
the name of the best experiment; with `--best` only that name.
"""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from itertools import chain
from statistics import mean, stdev
from typing import Any, NamedTuple

from stages.harness import paths
from stages.harness.params import list_used

MODEL, SEED = "train.model", "train.seed"
SCORES = {"accuracy": "accuracy", "log_loss": "log loss", "calibration_error": "calibration"}

Params = tuple[tuple[str, str], ...]


class Run(NamedTuple):
    name: str | None  # of an experiment; a commit has none
    params: Params
    scores: dict[str, float]


def list_finished(shown: list[dict[str, Any]]) -> list[Run]:
    """Lists the commit and its experiments, from what `dvc exp show --json` prints."""
    runs = []
    for commit in shown[1:]:  # the first is the workspace
        groups = [group["revs"] for group in commit["experiments"] or [] if _is_finished(group)]
        for run in (commit | {"name": None}, *chain.from_iterable(groups)):
            data = run.get("data") or {}
            params = data.get("params", {}).get("params.yaml", {}).get("data")
            scores = data.get("metrics", {}).get(paths.SCORES.as_posix(), {}).get("data")
            if params and scores:
                items = sorted(list_used(params).items())
                scored = tuple(item for item in items if not item[0].startswith("report."))
                runs.append(Run(run.get("name"), scored, scores))
    return runs


def _is_finished(group: dict[str, Any]) -> bool:
    """DVC gives experiments that are queued, running or failed the commit's scores."""
    state = (group.get("executor") or {}).get("state") or "success"
    return state == "success" and not any(run.get("error") for run in group["revs"])


def choose_best(runs: list[Run]) -> str | None:
    """Names the most accurate experiment; of equal ones, the one with the lowest log loss."""
    named = [run for run in runs if run.name]
    best = min(named, key=lambda run: _rank([run.scores]), default=None)
    return best.name if best else None


def format_spread(values: list[float]) -> str:
    """Gives mean ± standard deviation; a single value has none."""
    return f"{mean(values):.4f} ± {stdev(values):.4f}" if len(values) > 1 else f"{values[0]:.4f}"


def _rank(scores: list[dict[str, float]]) -> tuple[float, float]:
    """Sorts by mean accuracy, the best first; equal ones by mean log loss."""
    return -mean(run["accuracy"] for run in scores), mean(run["log_loss"] for run in scores)


def format_table(runs: list[Run]) -> str:
    """Gives a row for each set of parameters: the model, and what differs between its rows."""
    groups: dict[Params, list[dict[str, float]]] = defaultdict(list)
    for params, scores in {run.params: run.scores for run in runs}.items():  # equal ones once
        groups[tuple(item for item in params if item[0] != SEED)].append(scores)
    shared = {
        model: set.intersection(*(set(params) for params in groups if (MODEL, model) in params))
        for model in {dict(params)[MODEL] for params in groups}
    }
    rows = [["parameters", "seeds", *SCORES.values()]]
    for params, of_seeds in sorted(groups.items(), key=lambda group: _rank(group[1])):
        model = dict(params)[MODEL]
        different = [(key, value) for key, value in params if (key, value) not in shared[model]]
        names = [f"{key.removeprefix(f'models.{model}.')}={value}" for key, value in different]
        cells = [format_spread([scores[name] for scores in of_seeds]) for name in SCORES]
        rows.append([", ".join([model, *names]), str(len(of_seeds)), *cells])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.league")
    parser.add_argument("--best", action="store_true", help="print only the best one's name")
    only_best = parser.parse_args().best
    command = [sys.executable, "-m", "dvc", "exp", "show", "--json"]
    shown = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if shown.returncode != 0:
        sys.exit(shown.returncode)  # DVC has said why
    runs = list_finished(json.loads(shown.stdout))
    name = choose_best(runs)
    if only_best:
        print(name or sys.exit("error: no finished experiment of this commit; see dvc exp show"))
    else:
        print(format_table(runs))
        if name:
            print(f"\nThe most accurate experiment: {name}. Compare it: make compare EXP={name}")


if __name__ == "__main__":
    main()
