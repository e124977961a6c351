"""Compares the classifiers with each other and with two plain scripts, on the competition data.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip python -m benchmarks.classifiers

All run in turn, once for each seed; the README shows what this prints.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.article import Pipeline, Row, Script, accuracy, archive, middle

PREDICT = """
import time
from pathlib import Path
from stages.classifier import load
from stages.dataset import read_images
images = read_images(Path("data/prepared/test_images.npy"))
classifier = load(Path("data/model"))
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
    """Trains and scores one classifier; nothing comes out of a cache but the prepared data."""
    pipeline.set({"data.source": "kaggle", "train.seed": seed, **parameters})
    row = pipeline.repro()
    command = [sys.executable, "-c", PREDICT]
    seconds = subprocess.run(
        command, cwd=pipeline.folder, capture_output=True, text=True, check=True
    ).stdout
    files = (pipeline.folder / "data" / "model").iterdir()
    size = sum(path.stat().st_size for path in files) / 1e6
    return row | {"prediction": float(seconds), "size": size, "peak": row["train peak"]}


def table(rows: dict[str, list[Row]]) -> str:
    """Medians, and the accuracy as mean ± standard deviation, as Markdown."""
    lines = [
        "| | validation accuracy | training, s | predicting 28,000, s | peak, MB | saved, MB |",
        "|---|---|---|---|---|---|",
    ]
    for name, of_seeds in rows.items():
        fit, prediction, peak, size = (
            middle(of_seeds, key) for key in ("fit", "prediction", "peak", "size")
        )
        lines.append(
            f"| {name} | {accuracy(of_seeds)} | {fit:.1f} | {prediction:.2g} | {peak:,.0f} "
            f"| {size:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="how many (default: 3)")
    seeds = range(1, 1 + parser.parse_args().seeds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pipeline = Pipeline(folder / "pipeline", archive())
        contenders: dict[str, Callable[[int], Row]] = {
            name: lambda seed, parameters=parameters: run(pipeline, parameters, seed)  # type: ignore[misc]
            for name, parameters in PARAMETERS.items()
        }
        for network in ("article", "convolution"):
            script = Script(folder / network, archive(), network)
            contenders[f"script: {network}"] = lambda _, script=script: script.run()  # type: ignore[misc]
        rows: dict[str, list[Row]] = {name: [] for name in contenders}
        for seed in seeds:
            for name, contender in contenders.items():
                rows[name].append(contender(seed))
                print(f"seed {seed}, {name}: {rows[name][-1]}", file=sys.stderr, flush=True)
    print(table(rows))


if __name__ == "__main__":
    main()
