"""Predicts the unlabelled test images and writes the submission; or what is named: see --help."""

import sys
from pathlib import Path
from typing import Any

from stages.classifier import predict
from stages.dataset import CLASSES, read_images
from stages.errors import InputError, run
from stages.lite_network import Probabilities
from stages.outputs import new_file, write_table
from stages.scores import most_probable

SUBMISSION, TABLE = Path("data/submission.csv"), Path("metrics/test_predictions.csv")


def submission(probabilities: Probabilities) -> dict[str, Any]:
    """Makes the columns that Kaggle expects: ImageId 1 to n, and the most probable Label."""
    labels = probabilities.argmax(axis=1)
    return {"ImageId": range(1, len(labels) + 1), "Label": labels}


def check_submission(path: Path, count: int) -> None:
    """Reads the file again as Kaggle will.

    Raises:
        InputError: not the columns ImageId,Label; not `count` rows 1, 2, ...; or not digits.
    """
    import pandas as pd  # it takes time that a picture of one's own need not wait for

    table = pd.read_csv(path)
    if (
        list(table) != ["ImageId", "Label"]
        or table["ImageId"].tolist() != list(range(1, count + 1))
        or not table["Label"].isin(range(CLASSES)).all()
    ):
        raise InputError(f"{path}: not {count} rows of ImageId,Label; was the disk full?")


def main() -> None:
    images = read_images(Path("data/prepared/test_images.npy"))
    probabilities = predict(Path("data/model"), images)
    write_table(TABLE, {"row": range(len(images)), **most_probable(probabilities)})
    with new_file(SUBMISSION) as part:
        write_table(part, submission(probabilities))
        check_submission(part, len(images))
    print(f"{SUBMISSION}: {len(images):,} predictions")


def ask() -> None:
    """Answers what is asked on the command line."""
    from stages import answers  # a fifth of a second, which the stage has no use for

    answers.main()


if __name__ == "__main__":
    run(ask if sys.argv[1:] else main)
