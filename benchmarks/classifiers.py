"""Compares the classifiers with each other and with two plain scripts, on the competition data.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip python -m benchmarks.classifiers

All run in turn, once for each seed; docs and README show the table that this prints.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.article import Pipeline, Row, Script, find_archive, format_accuracy, take_median
from stages.harness import paths

PREDICT = """
import time
from stages.classifiers.saved import load
from stages.formats.prepared import read_images
from stages.harness import paths
images, classifier = read_images(paths.TEST_IMAGES), load(paths.MODEL)
start = time.perf_counter()
classifier.predict_proba(images)
print(time.perf_counter() - start)
"""

PARAMETERS: dict[str, dict[str, object]] = {
    "mlp": {"train.model": "mlp"},
    "cnn, quick": {
        "train.model": "cnn",
        "models.cnn.members": 1,
        "models.cnn.epochs": 8,
        "models.cnn.label_smoothing": 0.1,
    },
    "cnn": {"train.model": "cnn"},
    "svm": {"train.model": "svm"},
    "knn": {"train.model": "knn"},
}


def run(pipeline: Pipeline, parameters: dict[str, object], seed: int) -> Row:
    """Trains and scores one classifier; every stage runs, so that no result is of a cache."""
    row = pipeline.run(seed, **parameters)
    printed = pipeline.clone.run(sys.executable, "-c", PREDICT)
    model = pipeline.clone.folder / paths.MODEL
    size = sum(path.stat().st_size for path in model.iterdir()) / 1e6
    return row | {"prediction": float(printed.split()[-1]), "size": size, "peak": row["train peak"]}


def format_table(rows: dict[str, list[Row]]) -> str:
    """Gives medians, and the accuracy as mean ± standard deviation, as Markdown."""
    lines = [
        "| | validation accuracy | training, s | predicting 28,000, s | peak, MB | saved, MB |",
        "|---|---|---|---|---|---|",
    ]
    for name, of_seeds in rows.items():
        keys = ("fit", "prediction", "peak", "size")
        fit, prediction, peak, size = (take_median(of_seeds, key) for key in keys)
        lines.append(
            f"| {name} | {format_accuracy(of_seeds)} | {fit:.1f} | {prediction:.2g} | {peak:,.0f} "
            f"| {size:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="how many (default: 3)")
    seeds = range(1, 1 + parser.parse_args().seeds)
    with tempfile.TemporaryDirectory() as copy, tempfile.TemporaryDirectory() as folder:
        pipeline = Pipeline(Path(copy), find_archive())
        contenders: dict[str, Callable[[int], Row]] = {
            name: partial(run, pipeline, parameters) for name, parameters in PARAMETERS.items()
        }
        for network in ("article", "convolution"):
            script = Script(Path(folder, network), find_archive(), network)
            contenders[f"script: {network}"] = script.run
        rows: dict[str, list[Row]] = {name: [] for name in contenders}
        for seed in seeds:
            for name, contender in contenders.items():
                rows[name].append(contender(seed))
                print(f"seed {seed}, {name}: {rows[name][-1]}", file=sys.stderr, flush=True)
    print(format_table(rows))


if __name__ == "__main__":
    main()
