"""Compares the training loop of `cnn` with plain `keras.Model.fit` and with PyTorch.

    python -m benchmarks.cnn_speed [--torch PYTHON]

All train the same network on the same number of random images, in batches of the same size, on the
same number of threads, without augmentation. Each run is a process of its own, and the ways take
turns. PYTHON is one that has PyTorch: benchmarks/requirements.txt.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from stages.harness.params import Cnn, read_params

STEPS, EPOCHS = 100, 3  # only the last epoch counts: the first ones trace and warm up
TRAINING_ROWS = 33_600  # of the competition's data; the seconds shown are for as many
TORCH = Path(__file__).with_name("cnn_torch.py")
NAMES = {"ours": "this project's loop", "fit": "keras.Model.fit", "torch": "PyTorch"}


def time_keras(way: str, settings: Cnn) -> tuple[int, float]:
    """Trains in this process; gives the number of weights and the seconds of the last epoch."""
    import numpy as np
    from stages.training.networks import build_cnn

    from stages.training import backend
    from stages.training.backend import keras
    from stages.training.fit import Member

    backend.start(settings.threads, 1)
    count, ends = STEPS * settings.batch_size, list[float]()
    images = np.random.default_rng(1).random((count, 28, 28, 1), np.float32)
    labels = np.random.default_rng(1).integers(0, 10, count).astype(np.uint8)
    model = build_cnn(settings.filters, "cnn")
    weights = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    if way == "ours":

        class Clock:  # in the place of the progress bar, which hears of each epoch's end
            def update(self, _: int) -> None: ...

            def say(self, _: str) -> None:
                ends.append(perf_counter())

        member = Member(
            model,
            rate=lambda _: 0.001,
            weight_decay=settings.weight_decay,
            batch_size=settings.batch_size,
            epochs=EPOCHS,
            seed=1,
        )
        member.fit(images, labels, (images[:1], labels[:1]), bar=Clock())  # type: ignore[arg-type]
    else:
        optimizer = keras.optimizers.Adam(0.001, weight_decay=settings.weight_decay)
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(perf_counter()))
        sizes = {"batch_size": settings.batch_size, "epochs": EPOCHS}
        model.fit(images, labels, **sizes, verbose=0, callbacks=[clock])
    return weights, ends[-1] - ends[-2]


def run(way: str, settings: Cnn, torch: str | None) -> tuple[int, float]:
    """Runs one way in a process of its own; see `time_keras`."""
    command = [sys.executable, "-m", "benchmarks.cnn_speed", "--way", way]
    if way == "torch":
        sizes = (STEPS, EPOCHS, settings.batch_size, settings.threads, *settings.filters)
        command = [str(torch), str(TORCH), *map(str, sizes)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    weights, seconds = printed.split()[-2:]
    return int(weights), float(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--torch", metavar="PYTHON", help="a Python that has PyTorch")
    parser.add_argument("--rounds", type=int, default=4, help="runs of each way (default: 4)")
    parser.add_argument("--way", choices=("ours", "fit"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    settings = read_params().models.cnn
    if arguments.way:
        print(*time_keras(arguments.way, settings))
        return
    seconds: dict[str, list[float]] = {
        way: [] for way in NAMES if way != "torch" or arguments.torch
    }
    scale = TRAINING_ROWS / (STEPS * settings.batch_size)
    for _ in range(arguments.rounds):
        sizes = set()
        for way, of_way in seconds.items():
            weights, took = run(way, settings, arguments.torch)
            sizes.add(weights)
            of_way.append(took * scale)
        if len(sizes) != 1:
            sys.exit(f"not the same network: {sizes} weights")
    print("| | seconds per epoch and member | ours / this, median of the ratios |\n|---|---|---|")
    for way, of_way in seconds.items():
        ratio = median(ours / other for ours, other in zip(seconds["ours"], of_way, strict=True))
        print(f"| {NAMES[way]} | {median(of_way):.1f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
