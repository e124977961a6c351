"""Predicts the unlabelled test images and writes the submission."""

from typing import Any

from stages.classifiers.saved import predict
from stages.formats.prepared import Probabilities, read_images
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import write_table
from stages.scoring.metrics import most_probable


def submission(probabilities: Probabilities) -> dict[str, Any]:
    """Makes the columns that Kaggle expects: ImageId 1 to n, and the most probable Label."""
    labels = probabilities.argmax(axis=1)
    return {"ImageId": range(1, len(labels) + 1), "Label": labels}


def main() -> None:
    images = read_images(paths.TEST_IMAGES)
    probabilities = predict(paths.MODEL, images)
    write_table(paths.TEST_PREDICTIONS, {"row": range(len(images)), **most_probable(probabilities)})
    write_table(paths.SUBMISSION, submission(probabilities))
    print(f"{paths.SUBMISSION}: {len(images):,} predictions")


if __name__ == "__main__":
    run(main)
