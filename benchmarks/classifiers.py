"""Measures the accuracy and the cost of classifiers on the competition's data.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip python -m benchmarks.classifiers
    DIGIT_RECOGNIZER_ZIP=... taskset --cpu-list 0 python -m benchmarks.classifiers --only quick svm

It adds what it measures to classifiers.json, which keeps other classifiers and other numbers of
cores. It prints a table of them all, and draws docs/images/frontier.svg. It takes about 20 minutes
on two cores; `--only folds record` takes more than an hour more.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

from joblib import cpu_count

from benchmarks.copies import ROOT, add_data, clone_project, measure, set_params

RESULTS, FIGURE = ROOT / "benchmarks/classifiers.json", ROOT / "docs/images/frontier.svg"

Row = dict[str, float]  # seconds, peak memory and size in MB (10**6 bytes), accuracy

COMMITTEE = {
    "train.model": "cnn",
    "train.partner": "svm",
    "models.cnn.members": 4,
    "models.cnn.epochs": 8,
}
MODELS: dict[str, dict[str, Any]] = {
    **{name: {"train.model": name} for name in ("mlp", "knn", "svm", "cnn")},
    "quick": COMMITTEE | {"models.cnn.members": 1, "models.cnn.epochs": 5},
    "committee": COMMITTEE,
    "folds": COMMITTEE | {"models.cnn.members": 1, "models.cnn.epochs": 10, "split.folds": 10},
    "record": COMMITTEE | {"models.cnn.members": 3, "models.cnn.epochs": 10, "split.folds": 10},
}
DEFAULT = [name for name in MODELS if name not in ("folds", "record")]
COLUMNS = {  # of the table: what a row holds, and how to write its median
    "log loss": ("log_loss", ".4f"),
    "calibration error": ("calibration_error", ".4f"),
    "training, s": ("fit", ".0f"),
    "whole run, s": ("seconds", ".0f"),
    "CPU, s": ("cpu", ".0f"),
    "peak, MB": ("peak", ",.0f"),
    "saved, MB": ("size", ".1f"),
}


def run_pipeline(project: Path, seed: int, parameters: dict[str, Any]) -> Row:
    """Runs every stage."""
    params = project / "params.yaml"
    shutil.copy(ROOT / "params.yaml", params)
    set_params(params, {"data.source": "kaggle", "train.seed": seed, **parameters})
    row, printed = measure(project, "python", "-m", "dvc", "repro", "--force")
    scores = json.loads((project / "metrics/evaluate.json").read_text(encoding="utf-8"))
    return row | {
        **scores,
        "fit": float(re.findall(r"trained on .* in ([0-9.]+) s", printed)[0]),
        "size": _measure_size(project / "data/model"),
    }


def _measure_size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def format_table(rows: dict[str, list[Row]]) -> str:
    """Returns medians, and the accuracy as mean ± deviation, as Markdown."""
    head = ["", "validation accuracy", *COLUMNS]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, of_seeds in rows.items():
        accuracies = [row["accuracy"] for row in of_seeds]
        spread = f" ± {stdev(accuracies):.4f}" if len(accuracies) > 1 else ""
        cells = [f"{mean(accuracies):.4f}{spread}"]
        for key, form in COLUMNS.values():
            values = [row[key] for row in of_seeds if key in row]
            cells.append(f"{median(values):{form}}" if values else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(rows: dict[str, list[Row]], cores: int) -> None:
    """Draws the share of wrong images, with its interval, against the seconds of the training."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, NullLocator

    from stages.reporting.charts import to_svg
    from stages.reporting.style import BLUE

    figure = Figure(figsize=(7.2, 4.2))
    axes = figure.add_subplot(xscale="log", yscale="log", xlim=(5, 9000), ylim=(13, 400))
    axes.set_xlabel(f"training on {cores} cores (s)")
    axes.set_ylabel("wrong images (of 10,000)")
    for axis, ticks in ((axes.xaxis, (10, 100, 1000)), (axes.yaxis, (20, 50, 100, 200))):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter("{x:.0f}")
        axis.set_minor_locator(NullLocator())
    for name, parameters in MODELS.items():
        for row in rows.get(f"{name}, {cores} cores", [])[:1]:
            accuracies = (row[f"accuracy{end}"] for end in ("", "_low", "_high"))
            wrong, most, least = (10_000 * (1 - accuracy) for accuracy in accuracies)
            bar = [[wrong - least], [most - wrong]]
            axes.errorbar(row["fit"], wrong, bar, fmt="o", color=BLUE)
            values = [f"{key.split('.')[-1]} {value}" for key, value in parameters.items()]
            where = (6, -4, "top") if len(values) == len(COMMITTEE) else (6, 4, "bottom")
            options: dict[str, Any] = {"textcoords": "offset points", "va": where[2]}
            axes.annotate("\n".join(values), (row["fit"], wrong), where[:2], **options)
    FIGURE.write_text(to_svg(figure), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1, help="how many (default: 1)")
    parser.add_argument("--only", nargs="+", choices=MODELS, default=DEFAULT)
    arguments = parser.parse_args()
    cores = cpu_count()
    rows: dict[str, list[Row]] = {name: [] for name in arguments.only}
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        clone_project(project)
        add_data(project)
        run_pipeline(project, 0, MODELS["mlp"])  # not counted: it fills the system's caches
        for seed in range(42, 42 + arguments.seeds):
            for name, of_seeds in rows.items():
                of_seeds.append(run_pipeline(project, seed, MODELS[name]))
                print(f"seed {seed}, {name}: {of_seeds[-1]}", file=sys.stderr, flush=True)
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results |= {f"{name}, {cores} cores": of_seeds for name, of_seeds in rows.items()}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(format_table(results))
    from stages.reporting.style import in_style  # here: its memory would count as that of a run

    in_style(draw)(results, cores)


if __name__ == "__main__":
    main()
