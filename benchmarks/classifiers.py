"""Measures the accuracy and the cost of classifiers on the competition's data.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip python -m benchmarks.classifiers
    DIGIT_RECOGNIZER_ZIP=... taskset --cpu-list 0 python -m benchmarks.classifiers --only quick svm

What it measures goes to classifiers.json, beside what that holds of other classifiers and of other
numbers of cores; of all, it prints a table of medians, and draws docs/images/frontier.svg. It takes
about 20 minutes on two cores; `--only record` takes most of an hour more.
"""

import argparse
import csv
import json
import re
import shutil
import sys
import tempfile
import textwrap
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
    "record": COMMITTEE | {"models.cnn.epochs": 10, "split.folds": 10},
}
SCRIPTS = {"script: article": "article", "script: convolution": "convolution"}
ALL = [name for name in (*MODELS, *SCRIPTS) if name != "record"]
COLUMNS = {  # of the table: what a row holds, and how to write its median
    "errors": ("errors", ".0f"),
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
    with (project / "metrics/validation_predictions.csv").open(encoding="utf-8") as file:
        errors = sum(row["actual"] != row["predicted"] for row in csv.DictReader(file))
    return row | {
        **scores,
        "errors": errors,
        "fit": float(re.findall(r"trained on .* in ([0-9.]+) s", printed)[0]),
        "size": _measure_size(project / "data/model"),
    }


def run_script(project: Path, network: str) -> Row:
    """Runs docs/plain_script.py on the data that the pipeline has fetched."""
    row, printed = measure(project, "python", "docs/plain_script.py", network)
    return row | {
        "fit": float(re.findall(r"trained in (.+) s", printed)[0]),
        "accuracy": float(re.findall(r"validation loss .+, accuracy (.+)", printed)[0]),
        "size": _measure_size(project / "data/plain_script"),
    }


def _measure_size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def format_table(rows: dict[str, list[Row]]) -> str:
    """Returns medians, and the accuracy as mean ± deviation, as Markdown."""
    lines = [
        f"| | validation accuracy | {' | '.join(COLUMNS)} |",
        "|---" * (2 + len(COLUMNS)) + "|",
    ]
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

    from stages.reporting.charts import to_svg

    figure = Figure(figsize=(7.2, 4.2))
    axes = figure.add_subplot(xscale="log", yscale="log", xlim=(5, 20_000), ylim=(20, 400))
    axes.set_xlabel(f"training on {cores} cores (s)")
    axes.set_ylabel("wrong images (of 10,000)")
    for name, parameters in MODELS.items():
        for row in rows.get(f"{name}, {cores} cores", [])[:1]:
            wrong, most, least = (
                10_000 * (1 - row[f"accuracy{end}"]) for end in ("", "_low", "_high")
            )
            bar = [[wrong - least], [most - wrong]]
            axes.errorbar(row["fit"], wrong, bar, fmt="o")
            values = (f"{key.split('.')[-1]} {value}" for key, value in parameters.items())
            text, place = textwrap.fill(", ".join(values), 26), (row["fit"], wrong)
            axes.annotate(text, place, (6, 4), textcoords="offset points")
    FIGURE.write_text(to_svg(figure), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1, help="how many (default: 1)")
    choices = [*MODELS, *SCRIPTS]
    parser.add_argument("--only", nargs="+", choices=choices, default=ALL, help="run only these")
    arguments = parser.parse_args()
    cores = cpu_count()
    rows: dict[str, list[Row]] = {name: [] for name in arguments.only}
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        clone_project(project)
        add_data(project)
        run_pipeline(project, 0, MODELS["mlp"])
        for seed in range(42, 42 + arguments.seeds):
            for name, of_seeds in rows.items():
                if name in SCRIPTS:
                    row = run_script(project, SCRIPTS[name])
                else:
                    row = run_pipeline(project, seed, MODELS[name])
                of_seeds.append(row)
                print(f"seed {seed}, {name}: {row}", file=sys.stderr, flush=True)
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results |= {f"{name}, {cores} cores": of_seeds for name, of_seeds in rows.items()}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(format_table(results))
    from stages.reporting.style import in_style  # here: its memory would count as that of a run

    in_style(draw)(results, cores)


if __name__ == "__main__":
    main()
