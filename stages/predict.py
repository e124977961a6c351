"""Predicts the unlabelled test images and writes the submission."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stages import figures
from stages.classifier import predict
from stages.dataset import CLASSES, read_images
from stages.errors import InputError, run
from stages.lite_network import Probabilities
from stages.outputs import new_file, write_table
from stages.params import read_params

SUBMISSION = Path("data/submission.csv")
FIGURE = Path("metrics/figures/test_digits.png")


def submission(probabilities: Probabilities) -> dict[str, Any]:
    """Makes the columns that Kaggle expects: ImageId 1 to n, and the most probable Label."""
    labels = probabilities.argmax(axis=1)
    return {"ImageId": range(1, len(labels) + 1), "Label": labels}


def check_submission(path: Path, count: int) -> None:
    """Reads the file again as Kaggle will.

    Raises:
        InputError: not the columns ImageId,Label; not `count` rows 1, 2, ...; or not digits.
    """
    table = pd.read_csv(path)
    if (
        list(table) != ["ImageId", "Label"]
        or table["ImageId"].tolist() != list(range(1, count + 1))
        or not table["Label"].isin(range(CLASSES)).all()
    ):
        raise InputError(f"{path}: not {count} rows of ImageId,Label; was the disk full?")


def gallery(images: np.ndarray, probabilities: Probabilities) -> Figure:
    """Shows test images with predicted digit and confidence."""
    captions = [f"{row.argmax()} {row.max():.0%}" for row in probabilities]
    return figures.gallery("Test digits: predicted digit and confidence", images, captions)


def main() -> None:
    shown = read_params().predict.digits_shown
    images = read_images(Path("data/prepared/test_images.npy"))
    probabilities = predict(Path("data/model"), images)
    with new_file(SUBMISSION) as part:
        write_table(part, submission(probabilities))
        check_submission(part, len(images))
    figures.save(gallery(images[:shown], probabilities[:shown]), FIGURE)
    print(f"{SUBMISSION}: {len(images):,} predictions")


if __name__ == "__main__":
    run(main)
