"""Compares the classifiers with each other and with two plain scripts, on the competition data.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip python -m benchmarks.classifiers
    DIGIT_RECOGNIZER_ZIP=... python -m benchmarks.classifiers --only mlp "script: article"

The second line compares the whole pipeline with the article's recipe as one script. All run in
turn, once for each seed; a run before them, which is not counted, fills the system's caches.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from statistics import mean, median

import pandas as pd

from stages.harness import paths
from stages.harness.outputs import list_files
from tests.support.clone import ALL, ROOT, Clone, set_params
from tools.leaderboard import format_spread

Row = dict[str, float]  # seconds, peak memory and size in MB (10**6 bytes), accuracy

MEASURE = [sys.executable, "-S", str(ROOT / "benchmarks" / "measure.py")]
PREDICT = """
import time
from stages.classifiers.saved import load
from stages.formats.prepared import StoredImages
from stages.harness import paths
images, classifier = StoredImages(paths.TEST_IMAGES)[:], load(paths.MODEL)
start = time.perf_counter()
classifier.predict_proba(images)
print(time.perf_counter() - start)
"""
PARAMETERS: dict[str, dict[str, object]] = {
    "mlp": {"train.model": "mlp"},
    "cnn": {"train.model": "cnn"},
    "svm": {"train.model": "svm"},
    "knn": {"train.model": "knn"},
    "committee, quick": {
        "train.model": "committee",
        "models.committee.cnn.members": 1,
        "models.committee.cnn.epochs": 8,
    },
    "committee": {"train.model": "committee"},
}
RECORD = {"record": {"train.model": "committee", "split.folds": 10}}  # most of an hour
MORE = "one experiment more"  # with another number of epochs, in the same copy
SCRIPTS = {"script: article": "article", "script: convolution": "convolution"}
COLUMNS = {  # of the table: what a row holds, and how to write its median
    "whole run, s": ("seconds", ".1f"),
    "training, s": ("fit", ".1f"),
    "predicting 28,000, s": ("prediction", ".2g"),
    "peak, MB": ("peak", ",.0f"),
    "saved, MB": ("size", ".1f"),
}


class Pipeline:
    """A copy of the repository with the competition's zip in its place."""

    def __init__(self, folder: Path, archive: Path) -> None:
        self.clone = Clone.of_project(folder)
        shutil.copy(archive, folder / paths.SOURCES / "kaggle" / "digit-recognizer.zip")
        # The stages call `python`; this one records their seconds and peak memory.
        self._rows = folder / ".shim" / "rows"
        shim = folder / ".shim" / "python"
        shim.parent.mkdir()
        command = shlex.join([*MEASURE, str(self._rows), sys.executable])
        shim.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        shim.chmod(0o755)
        self.clone.env["PATH"] = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"

    def run(self, seed: int, parameters: dict[str, object]) -> Row:
        """Runs every stage with the committed parameters but for some, then with nothing to do.

        After `mlp`, it also runs one experiment.
        """
        self.clone.run("git", "checkout", "--quiet", "params.yaml")
        changes = {"data.source": "kaggle", "train.seed": seed, **parameters}
        set_params(self.clone.folder / "params.yaml", changes)
        self._rows.unlink(missing_ok=True)
        seconds, printed = self._time("repro", "--force")
        row = {"seconds": seconds, "nothing to do": self._time("repro")[0]}
        for line in self._rows.read_text().splitlines():
            measured = json.loads(line)
            stage = measured["command"].removeprefix("stages.")
            row[stage], row[f"{stage} peak"] = measured["seconds"], measured["peak"]
        row["DVC itself"] = row["seconds"] - sum(row[stage] for stage in ALL)
        fits = map(float, re.findall(r"images in ([0-9.]+) s", printed))  # one for each fold
        prediction = self.clone.run(sys.executable, "-c", PREDICT).split()[-1]
        model = self.clone.folder / paths.MODEL
        row |= {
            "fit": sum(fits),
            "accuracy": self.clone.metrics()["accuracy"],
            "peak": row["train peak"],
            "prediction": float(prediction),
            "size": sum(path.stat().st_size for path in list_files(model)) / 1e6,
        }
        if parameters == PARAMETERS["mlp"]:
            row[MORE], _ = self._time("exp", "run", "-S", "models.mlp.epochs=6")
        return row

    def _time(self, *command: str) -> tuple[float, str]:
        """Runs a command of DVC; gives its seconds and what it printed."""
        start = time.perf_counter()
        printed = self.clone.dvc(*command)
        return time.perf_counter() - start, printed


def run_script(folder: Path, archive: Path, network: str) -> Row:
    """Runs a plain script in a folder with the two CSV files."""
    with zipfile.ZipFile(archive) as files:
        files.extractall(folder)
    rows = folder / "rows"
    rows.unlink(missing_ok=True)
    script = str(ROOT / "benchmarks" / "plain_script.py")
    command = [*MEASURE, str(rows), sys.executable, script, network]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    row: Row = json.loads(rows.read_text()) | json.loads((folder / "result.json").read_text())
    return row


def format_tables(rows: dict[str, list[Row]]) -> str:
    """Gives medians, and the accuracy as mean ± deviation, as Markdown; then mlp's stages."""
    lines = [f"| | validation accuracy | {' | '.join(COLUMNS)} |", "|---" * 7 + "|"]
    for name, of_seeds in rows.items():
        cells = [f"{median(row[key] for row in of_seeds):{form}}" for key, form in COLUMNS.values()]
        accuracy = format_spread(pd.Series([row["accuracy"] for row in of_seeds]))
        lines.append(f"| {' | '.join([name, accuracy, *cells])} |")
    if {"mlp", "script: article"} <= rows.keys():
        pairs = list(zip(rows["mlp"], rows["script: article"], strict=True))
        ratios = {
            key: median(ours[key] / theirs[key] for ours, theirs in pairs)
            for key in ("seconds", "fit", "peak")
        }
        lines += [
            "",
            "mlp / script: article, median of the ratios: "
            + ", ".join(f"{key} {ratio:.2f}" for key, ratio in ratios.items()),
        ]
    lines += ["", "| stage | s | peak memory, MB |", "|---|---|---|"]
    for stage in (*ALL, "DVC itself", "nothing to do", MORE):
        seconds, peak = (
            median(row.get(key, 0) for row in rows.get("mlp", [{}]))
            for key in (stage, f"{stage} peak")
        )
        lines.append(f"| {stage} | {seconds:.1f} | {f'{peak:,.0f}' if peak else ''} |")
    return "\n".join(lines)


def main() -> None:
    if "DIGIT_RECOGNIZER_ZIP" not in os.environ:
        sys.exit("set DIGIT_RECOGNIZER_ZIP to the path of Kaggle's digit-recognizer.zip")
    archive, names = Path(os.environ["DIGIT_RECOGNIZER_ZIP"]), [*PARAMETERS, *SCRIPTS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="how many (default: 3)")
    parser.add_argument(
        "--only", nargs="+", choices=[*names, *RECORD], default=names, help="run only these"
    )
    parser.add_argument("--csv", type=Path, help="a file for benchmarks.frontier to draw")
    arguments = parser.parse_args()
    rows: dict[str, list[Row]] = {name: [] for name in arguments.only}
    with tempfile.TemporaryDirectory() as copy, tempfile.TemporaryDirectory() as folder:
        pipeline = Pipeline(Path(copy), archive)
        pipeline.run(0, PARAMETERS["mlp"])
        for seed in range(1, 1 + arguments.seeds):
            for name in arguments.only:
                if name in SCRIPTS:
                    row = run_script(Path(folder), archive, SCRIPTS[name])
                else:
                    row = pipeline.run(seed, (PARAMETERS | RECORD)[name])
                rows[name].append(row)
                print(f"seed {seed}, {name}: {row}", file=sys.stderr, flush=True)
    print(format_tables(rows))
    if arguments.csv:
        columns = {"accuracy": "accuracy", "seconds": "fit"}
        table = {
            column: [mean(row[key] for row in of_seeds) for of_seeds in rows.values()]
            for column, key in columns.items()
        }
        pd.DataFrame({"name": [*rows], **table}).round(4).to_csv(arguments.csv, index=False)


if __name__ == "__main__":
    main()
