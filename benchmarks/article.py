"""Compares the whole pipeline with the article's recipe as one script, on the competition data.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip make benchmark

The two run in turn, several times, the pipeline with another seed each time; benchmarks/README.md
shows the tables that this prints.
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

from stages.harness import paths
from tests.support.clone import ALL, ROOT, Clone, set_params
from tools.league import format_spread

MEASURE = [sys.executable, "-S", str(ROOT / "benchmarks" / "measure.py")]

Row = dict[str, float]


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

    def run(self, seed: int, **changed: object) -> Row:
        """Runs every stage with the committed parameters but for some, then with nothing to do.

        Returns seconds and peak memory (MB) of the stages, and the validation accuracy.
        """
        self.clone.run("git", "checkout", "--quiet", "params.yaml")
        changes = {"data.source": "kaggle", "train.seed": seed, **changed}
        set_params(self.clone.folder / "params.yaml", changes)
        self._rows.unlink(missing_ok=True)
        start = time.perf_counter()
        printed = self.clone.dvc("repro", "--force")
        row = {"seconds": time.perf_counter() - start}
        fit = re.search(r"images in ([0-9.]+) s", printed)
        if fit is None:
            raise RuntimeError(printed)
        row |= {"fit": float(fit[1]), "accuracy": self.clone.metrics()["accuracy"]}
        for line in self._rows.read_text().splitlines():
            measured = json.loads(line)
            stage = measured["command"].removeprefix("stages.")
            row[f"{stage} seconds"], row[f"{stage} peak"] = measured["seconds"], measured["peak"]
        start = time.perf_counter()
        self.clone.dvc("repro")
        return row | {"idle": time.perf_counter() - start}


class Script:
    """A folder with the two CSV files, for a plain script to run in."""

    def __init__(self, folder: Path, archive: Path, network: str = "article") -> None:
        self.folder, self.network = folder, network
        with zipfile.ZipFile(archive) as files:
            files.extractall(folder)

    def run(self, _: int = 0) -> Row:
        """Runs the script; returns seconds, peak memory (MB) and validation accuracy."""
        rows = self.folder / "rows"
        rows.unlink(missing_ok=True)
        script = str(ROOT / "benchmarks" / "plain_script.py")
        command = [*MEASURE, str(rows), sys.executable, script, self.network]
        subprocess.run(command, cwd=self.folder, capture_output=True, check=True)
        measured = json.loads(rows.read_text())
        result: Row = json.loads((self.folder / "result.json").read_text())
        return result | {"seconds": measured["seconds"], "peak": measured["peak"]}


def find_archive() -> Path:
    """Gives the path of the competition's zip, as Kaggle serves it."""
    if "DIGIT_RECOGNIZER_ZIP" not in os.environ:
        sys.exit("set DIGIT_RECOGNIZER_ZIP to the path of Kaggle's digit-recognizer.zip")
    return Path(os.environ["DIGIT_RECOGNIZER_ZIP"])


def take_median(rows: list[Row], key: str) -> float:
    return median(row[key] for row in rows)


def format_accuracy(rows: list[Row]) -> str:
    return format_spread([row["accuracy"] for row in rows])


def format_tables(script: list[Row], pipeline: list[Row]) -> str:
    """Gives the comparison and the stages as Markdown: medians; accuracy as mean ± deviation."""
    lines = ["| | article's script | pipeline | ratio |", "|---|---|---|---|"]
    for name, key in (("whole run, s", "seconds"), ("training, s", "fit")):
        ratio = median(
            ours[key] / theirs[key] for ours, theirs in zip(pipeline, script, strict=True)
        )
        row = f"{take_median(script, key):.1f} | {take_median(pipeline, key):.1f} | {ratio:.2f}"
        lines.append(f"| {name} | {row} |")
    peak, ours = take_median(script, "peak"), take_median(pipeline, "train peak")
    lines += [
        f"| peak memory, MB | {peak:,.0f} | {ours:,.0f} | {ours / peak:.2f} |",
        f"| validation accuracy | {format_accuracy(script)} | {format_accuracy(pipeline)} | |",
        f"| with nothing to do, s | | {take_median(pipeline, 'idle'):.2f} | |",
        "",
        "| stage | s | peak memory, MB |",
        "|---|---|---|",
    ]
    lines += [
        f"| {stage} | {take_median(pipeline, f'{stage} seconds'):.1f} "
        f"| {take_median(pipeline, f'{stage} peak'):,.0f} |"
        for stage in ALL
    ]
    dvc = mean(row["seconds"] - sum(row[f"{stage} seconds"] for stage in ALL) for row in pipeline)
    return "\n".join([*lines, f"| DVC itself | {dvc:.1f} | |"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="of each (default: 5)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as pipeline_folder, tempfile.TemporaryDirectory() as folder:
        pipeline = Pipeline(Path(pipeline_folder), find_archive())
        script = Script(Path(folder), find_archive())
        rows = [(script.run(), pipeline.run(seed)) for seed in (0, *range(42, 42 + runs))]
    rows = rows[1:]  # the first run filled the system's caches
    print(format_tables([row for row, _ in rows], [row for _, row in rows]))


if __name__ == "__main__":
    main()
