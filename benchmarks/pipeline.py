"""Compares the whole pipeline, with `mlp`, with the article's recipe as one script.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip python -m benchmarks.pipeline

On the competition's data, in turn, with one experiment more and a run with nothing to do. A run
before them, which is not counted, fills the system's caches. Each stage alone comes last.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.copies import add_data, clone_project, measure, set_params
from benchmarks.scale import STAGES

COLUMNS = {"seconds": ".1f", "cpu": ".1f", "peak": ",.0f"}
RUNS = {
    "script": ("python", "docs/plain_script.py", "article"),
    "pipeline": ("python", "-m", "dvc", "repro", "--force"),
    "one experiment more": ("python", "-m", "dvc", "exp", "run", "-S", "models.mlp.epochs=5"),
    "nothing to do": ("python", "-m", "dvc", "repro"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="how many (default: 3)")
    count = parser.parse_args().runs
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in RUNS}
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        clone_project(project)
        add_data(project)
        set_params(project / "params.yaml", {"data.source": "kaggle"})
        measure(project, *RUNS["pipeline"])
        for seed in range(1, 1 + count):
            for name, command in RUNS.items():
                if name == "one experiment more":
                    set_params(project / "params.yaml", {"train.seed": seed})
                rows[name].append(measure(project, *command)[0])
                print(f"run {seed}, {name}: {rows[name][-1]}", file=sys.stderr, flush=True)
        stages = {name: measure(project, "python", "-m", f"stages.{name}")[0] for name in STAGES}
    print(
        "| | seconds | CPU seconds | peak, MB | ratio of the seconds |", "|---" * 5 + "|", sep="\n"
    )
    for name, runs in rows.items():
        cells = [f"{median(run[key] for run in runs):{form}}" for key, form in COLUMNS.items()]
        pairs = zip(runs, rows["script"], strict=True)
        ratio = median(ours["seconds"] / theirs["seconds"] for ours, theirs in pairs)
        print(f"| {name} | {' | '.join(cells)} | {ratio:.2f} |")
    for name, run in stages.items():
        cells = [f"{run[key]:{form}}" for key, form in COLUMNS.items()]
        print(f"| `{name}` | {' | '.join(cells)} | |")


if __name__ == "__main__":
    main()
