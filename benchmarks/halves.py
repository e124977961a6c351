"""Finds out whether thresholds hold for pictures that they were not chosen on.

    DIGIT_PICTURES_ZIP=.../pictures.zip python -m benchmarks.halves

Five times, thresholds are chosen on the real pictures of half of the repositories, and the pictures
of the other half are scored. A repository's pictures follow each other in labels.csv, with the same
kind and the same notes.
"""

import os
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

from benchmarks.pictures import read_all, read_real
from stages.harness import paths
from stages.harness.errors import run
from tools.recognize import reading
from tools.recognize.cutting import ALONE, AMONG

TIMES = 5
SETTINGS: dict[str, dict[str, Any]] = {  # thresholds that could have been chosen
    "as it is": {"LEAST": reading.LEAST},
    **{f"alone {even}": {"ALONE": ALONE._replace(even=even)} for even in (1.5, 3.5)},
    **{f"among {even}": {"AMONG": AMONG._replace(even=even)} for even in (1.0, 3.0)},
    **{f"least {least}": {"LEAST": least} for least in (0.2, 0.45)},
}


def number_repositories(table: pd.DataFrame) -> "pd.Series[Any]":
    notes = table["notes"].str.replace(r"\d+x\d+|;.*", "", regex=True).str.strip()
    label = table["kind"] + notes
    return (label != label.shift()).cumsum()


def main() -> None:
    table = read_real(Path(os.environ["DIGIT_PICTURES_ZIP"]))
    repositories = number_repositories(table)
    counts = table["digits"].str.len().clip(upper=2).map({0: "none", 1: "one", 2: "several"})
    right = {}
    for name, values in SETTINGS.items():
        with mock.patch.multiple(reading, **values):
            right[name] = (
                np.array(read_all(table["pixels"].tolist(), paths.MODEL)) == table["digits"]
            )
        print(name, *right[name].groupby(counts).agg(["sum", "count"]).itertuples(), flush=True)
    generator = np.random.default_rng(0)
    names, scores = repositories.unique(), []
    for _ in range(TIMES):
        chosen = repositories.isin(generator.choice(names, len(names) // 2, replace=False))
        best = max(right, key=lambda name: right[name][chosen].sum())
        scores.append(right[best][~chosen].groupby(counts).mean())
        print(f"chosen: {best}", dict(scores[-1].round(3)))
    print("mean of the other halves:", dict(pd.concat(scores, axis=1).mean(axis=1).round(3)))


if __name__ == "__main__":
    run(main)
