"""Compares the classifiers with each other and with two plain scripts, on the competition's data.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip python -m benchmarks.classifiers
    DIGIT_RECOGNIZER_ZIP=... python -m benchmarks.classifiers --only mlp "script: article"

The second line compares the whole pipeline with the article's recipe as one script. All run in
turn, once for each seed; a run before them, which is not counted, fills the system's caches.
"""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

from benchmarks.copies import ROOT, clone_project, measure, set_params

Row = dict[str, float]  # seconds, peak memory and size in MB (10**6 bytes), accuracy

MODELS: dict[str, dict[str, Any]] = {
    **{name: {"train.model": name} for name in ("mlp", "cnn", "svm", "knn")},
    "committee": {"train.model": "cnn", "train.partner": "svm"},
    "record": {"train.model": "cnn", "train.partner": "svm", "split.folds": 10},  # most of an hour
}
SCRIPTS = {"script: article": "article", "script: convolution": "convolution"}
ALL = [name for name in (*MODELS, *SCRIPTS) if name != "record"]
COLUMNS = {  # of the table: what a row holds, and how to write its median
    "whole run, s": ("seconds", ".1f"),
    "CPU, s": ("cpu", ".1f"),
    "training, s": ("fit", ".1f"),
    "peak, MB": ("peak", ",.0f"),
    "saved, MB": ("size", ".1f"),
    "nothing to do, s": ("nothing", ".1f"),
}


def run_pipeline(project: Path, seed: int, parameters: dict[str, Any]) -> Row:
    """Runs every stage, then `dvc repro` with nothing to do."""
    params = project / "params.yaml"
    shutil.copy(ROOT / "params.yaml", params)
    set_params(params, {"data.source": "kaggle", "train.seed": seed, **parameters})
    row, printed = measure(project, "python", "-m", "dvc", "repro", "--force")
    nothing, _ = measure(project, "python", "-m", "dvc", "repro")
    scores = json.loads((project / "metrics/evaluate.json").read_text(encoding="utf-8"))
    fits = re.findall(r"images in ([0-9.]+) s", printed)  # one for each fold
    return row | {
        "fit": sum(map(float, fits)),
        "accuracy": scores["accuracy"],
        "size": _measure_size(project / "data/model"),
        "nothing": nothing["seconds"],
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
    """Returns medians, and the accuracy as mean ± deviation, as Markdown; then mlp's ratios."""
    lines = [f"| | validation accuracy | {' | '.join(COLUMNS)} |", "|---" * 8 + "|"]
    for name, of_seeds in rows.items():
        accuracies = [row["accuracy"] for row in of_seeds]
        spread = f" ± {stdev(accuracies):.4f}" if len(accuracies) > 1 else ""
        cells = [f"{mean(accuracies):.4f}{spread}"]
        for key, form in COLUMNS.values():
            values = [row[key] for row in of_seeds if key in row]
            cells.append(f"{median(values):{form}}" if values else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    if {"mlp", "script: article"} <= rows.keys():
        pairs = list(zip(rows["mlp"], rows["script: article"], strict=True))
        for key in ("seconds", "cpu", "fit", "peak"):
            ratio = median(ours[key] / theirs[key] for ours, theirs in pairs)
            lines += ["", f"mlp / script: article, {key}: median ratio {ratio:.2f}"]
    return "\n".join(lines)


def main() -> None:
    if "DIGIT_RECOGNIZER_ZIP" not in os.environ:
        sys.exit("set DIGIT_RECOGNIZER_ZIP to the path of Kaggle's digit-recognizer.zip")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="how many (default: 3)")
    choices = [*MODELS, *SCRIPTS]
    parser.add_argument("--only", nargs="+", choices=choices, default=ALL, help="run only these")
    arguments = parser.parse_args()
    rows: dict[str, list[Row]] = {name: [] for name in arguments.only}
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        clone_project(project)
        zip_file = project / "data/sources/kaggle/digit-recognizer.zip"
        shutil.copy(os.environ["DIGIT_RECOGNIZER_ZIP"], zip_file)
        run_pipeline(project, 0, MODELS["mlp"])
        for seed in range(1, 1 + arguments.seeds):
            for name, of_seeds in rows.items():
                if name in SCRIPTS:
                    row = run_script(project, SCRIPTS[name])
                else:
                    row = run_pipeline(project, seed, MODELS[name])
                of_seeds.append(row)
                print(f"seed {seed}, {name}: {row}", file=sys.stderr, flush=True)
    print(format_table(rows))


if __name__ == "__main__":
    main()
