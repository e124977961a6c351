"""Compares the whole pipeline with the article's recipe as one script, on the competition data.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip make benchmark

The two run in turn, several times, each with its own seed; the README shows what this prints.
"""

import argparse
import functools
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

import yaml

from benchmarks.league import spread

ROOT = Path(__file__).parents[1]
MEASURE = [sys.executable, "-S", str(ROOT / "benchmarks" / "measure.py")]
STAGES = ("fetch_kaggle", "preprocess", "split", "train", "evaluate", "predict", "report", "record")

Row = dict[str, float]


class Pipeline:
    """A clone of HEAD with the competition's zip in its place."""

    def __init__(self, folder: Path, archive: Path) -> None:
        self.folder = folder
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        shutil.copy(archive, folder / "data" / "digit-recognizer.zip")
        # The stages call `python`; this one writes down what they take.
        self._rows = folder / ".shim" / "rows"
        shim = folder / ".shim" / "python"
        shim.parent.mkdir()
        command = shlex.join([*MEASURE, str(self._rows), sys.executable])
        shim.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        shim.chmod(0o755)
        self._env = os.environ | {"PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}"}

    def set(self, changed: dict[str, object]) -> None:
        """Changes committed parameters, named as for `dvc exp run -S`."""
        subprocess.run(["git", "checkout", "--quiet", "params.yaml"], cwd=self.folder, check=True)
        path = self.folder / "params.yaml"
        params = yaml.safe_load(path.read_text())
        for name, value in changed.items():
            *sections, last = name.split(".")
            functools.reduce(dict.__getitem__, sections, params)[last] = value
        path.write_text(yaml.safe_dump(params))

    def run(self, seed: int) -> Row:
        """Runs every stage, then again with nothing to do."""
        self.set({"data.source": "kaggle", "train.seed": seed})
        row = self.repro()
        start = time.perf_counter()
        self._dvc("repro")
        return row | {"idle": time.perf_counter() - start}

    def repro(self) -> Row:
        """Runs every stage; returns seconds, peak memory (MB) and validation accuracy."""
        self._rows.unlink(missing_ok=True)
        start = time.perf_counter()
        printed = self._dvc("repro", "--force")
        row = {"seconds": time.perf_counter() - start}
        fit = re.search(r"images in ([0-9.]+) s", printed)
        if fit is None:
            raise RuntimeError(printed)
        row["fit"] = float(fit[1])
        for line in self._rows.read_text().splitlines():
            measured = json.loads(line)
            stage = measured["command"].removeprefix("stages.")
            row[f"{stage} seconds"], row[f"{stage} peak"] = measured["seconds"], measured["peak"]
        scores = json.loads((self.folder / "metrics" / "evaluate.json").read_text())
        return row | {"accuracy": scores["accuracy"]}

    def _dvc(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "dvc", *arguments],
            cwd=self.folder,
            env=self._env,
            capture_output=True,
            text=True,
            check=True,
        ).stdout


class Script:
    """A folder with the two CSV files, for a plain script to run in."""

    def __init__(self, folder: Path, archive: Path, network: str = "article") -> None:
        self.folder, self.network = folder, network
        with zipfile.ZipFile(archive) as files:
            files.extractall(folder)

    def run(self) -> Row:
        """Runs the script; returns seconds, peak memory (MB) and validation accuracy."""
        rows = self.folder / "rows"
        rows.unlink(missing_ok=True)
        script = str(ROOT / "benchmarks" / "plain_script.py")
        command = [*MEASURE, str(rows), sys.executable, script, self.network]
        subprocess.run(command, cwd=self.folder, capture_output=True, check=True)
        measured = json.loads(rows.read_text())
        result: Row = json.loads((self.folder / "result.json").read_text())
        return result | {"seconds": measured["seconds"], "peak": measured["peak"]}


def archive() -> Path:
    """The competition's zip, as Kaggle serves it."""
    if "DIGIT_RECOGNIZER_ZIP" not in os.environ:
        sys.exit("set DIGIT_RECOGNIZER_ZIP to the path of Kaggle's digit-recognizer.zip")
    return Path(os.environ["DIGIT_RECOGNIZER_ZIP"])


def middle(rows: list[Row], key: str) -> float:
    return median(row[key] for row in rows)


def accuracy(rows: list[Row]) -> str:
    return spread([row["accuracy"] for row in rows])


def table(script: list[Row], pipeline: list[Row]) -> str:
    """The comparison and the stages, as Markdown; medians, accuracy as mean ± deviation."""
    stages = sum(row[f"{stage} seconds"] for row in pipeline for stage in STAGES) / len(pipeline)
    both = list(zip(pipeline, script, strict=True))
    lines = [
        "| | article's script | pipeline | ratio |",
        "|---|---|---|---|",
    ]
    for name, key in (("whole run, s", "seconds"), ("training, s", "fit")):
        ratio = median(ours[key] / theirs[key] for ours, theirs in both)
        row = f"{middle(script, key):.1f} | {middle(pipeline, key):.1f} | {ratio:.2f}"
        lines.append(f"| {name} | {row} |")
    peak, ours = middle(script, "peak"), middle(pipeline, "train peak")
    lines += [
        f"| peak memory, MB | {peak:,.0f} | {ours:,.0f} | {ours / peak:.2f} |",
        f"| validation accuracy | {accuracy(script)} | {accuracy(pipeline)} | |",
        f"| with nothing to do, s | | {middle(pipeline, 'idle'):.2f} | |",
        "",
        "| stage | s | peak memory, MB |",
        "|---|---|---|",
    ]
    lines += [
        f"| {stage} | {middle(pipeline, f'{stage} seconds'):.1f} "
        f"| {middle(pipeline, f'{stage} peak'):,.0f} |"
        for stage in STAGES
    ]
    lines.append(f"| DVC itself | {mean(row['seconds'] for row in pipeline) - stages:.1f} | |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="of each (default: 5)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        pipeline = Pipeline(Path(folder, "pipeline"), archive())
        script = Script(Path(folder, "script"), archive())
        pipeline.run(0), script.run()  # not counted: fills the caches of the system
        rows = [(script.run(), pipeline.run(seed)) for seed in range(42, 42 + runs)]
    print(table([row for row, _ in rows], [row for _, row in rows]))


if __name__ == "__main__":
    main()
