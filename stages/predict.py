"""Predicts the unlabelled test images and writes the submission."""

from stages.classifiers.chunks import predict
from stages.formats.prepared import StoredImages
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import write_table
from stages.scoring.metrics import most_probable


def main() -> None:
    images = StoredImages(paths.TEST_IMAGES)
    probabilities = predict(paths.MODEL, images)
    write_table(paths.TEST_PREDICTIONS, {"row": range(len(images)), **most_probable(probabilities)})
    # The columns that Kaggle expects.
    labels = probabilities.argmax(axis=1)
    write_table(paths.SUBMISSION, {"ImageId": range(1, len(labels) + 1), "Label": labels})
    print(f"{paths.SUBMISSION}: {len(images):,} predictions")


if __name__ == "__main__":
    run(main)
