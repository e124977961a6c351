"""Ranks this commit's experiments; those that differ in `train.seed` only share a row.

    dvc exp run --queue -S train.model=svm -S train.seed=1,2,3 && dvc exp run --run-all
    python -m benchmarks.league

Prints mean ± standard deviation of the scores on the validation rows, the best accuracy first, and
the name of the best experiment; with `--best` that name and no more.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from statistics import mean, stdev
from typing import Any, NamedTuple

from stages.params import used

MODEL, SEED = "train.model", "train.seed"
SCORES = {"accuracy": "accuracy", "log_loss": "log loss", "calibration_error": "calibration"}

Params = tuple[tuple[str, str], ...]


class Run(NamedTuple):
    name: str | None  # of an experiment; a commit has none
    params: Params
    scores: dict[str, float]


def finished(shown: list[dict[str, Any]]) -> Iterator[Run]:
    """The commit and its experiments, from what `dvc exp show --json` prints."""
    for commit in shown:
        groups = [group for group in commit["experiments"] or [] if not unfinished(group)]
        experiments = [one for group in groups for one in group["revs"]]
        for one in (commit | {"name": None}, *experiments):
            data = one.get("data") or {}
            params = data.get("params", {}).get("params.yaml", {}).get("data")
            scores = data.get("metrics", {}).get("metrics/evaluate.json", {}).get("data")
            if params and scores and one["rev"] != "workspace":
                items = sorted(used(params).items())
                scored = tuple(item for item in items if not item[0].startswith("report."))
                yield Run(one.get("name"), scored, scores)


def unfinished(group: dict[str, Any]) -> bool:
    """Whether it is queued, running or failed: DVC gives it the commit's scores."""
    state = (group.get("executor") or {}).get("state") or "success"
    return state != "success" or any(one.get("error") for one in group["revs"])


def best(runs: list[Run]) -> str | None:
    """The most accurate experiment; of equal ones, that of the least log loss."""
    named = [run for run in runs if run.name]
    ranked = sorted(named, key=lambda run: (-run.scores["accuracy"], run.scores["log_loss"]))
    return ranked[0].name if ranked else None


def spread(values: list[float]) -> str:
    """Mean ± standard deviation; a single value has none."""
    return f"{mean(values):.4f} ± {stdev(values):.4f}" if len(values) > 1 else f"{values[0]:.4f}"


def rank(group: tuple[Params, list[dict[str, float]]]) -> tuple[float, float]:
    """The best accuracy first; of equal ones, the least log loss."""
    return -mean(run["accuracy"] for run in group[1]), mean(run["log_loss"] for run in group[1])


def table(runs: list[Run]) -> str:
    """A row for each set of parameters: its model, and what sets it apart from others of it."""
    groups: dict[Params, list[dict[str, float]]] = defaultdict(list)
    for params, scores in {run.params: run.scores for run in runs}.items():  # equal ones once
        groups[tuple(item for item in params if item[0] != SEED)].append(scores)
    alike = {
        model: set.intersection(*(set(params) for params in groups if (MODEL, model) in params))
        for model in {dict(params)[MODEL] for params in groups}
    }
    rows = [["parameters", "seeds", *SCORES.values()]]
    for params, of_seeds in sorted(groups.items(), key=rank):
        model = dict(params)[MODEL]
        own = [
            f"{key.removeprefix(f'models.{model}.')}={value}"
            for key, value in params
            if (key, value) not in alike[model]
        ]
        cells = [spread([run[score] for run in of_seeds]) for score in SCORES]
        rows.append([", ".join([model, *own]), str(len(of_seeds)), *cells])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def main() -> None:
    command = [sys.executable, "-m", "dvc", "exp", "show", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)  # DVC has said why
    runs = list(finished(json.loads(done.stdout)))
    name = best(runs)
    if sys.argv[1:] == ["--best"]:
        print(name or sys.exit("error: no finished experiment of this commit; see dvc exp show"))
    else:
        print(table(runs))
        if name:
            print(f"\nThe most accurate experiment: {name}. Compare it: make compare EXP={name}")


if __name__ == "__main__":
    main()
