"""Predicts the unlabelled test images and writes the submission."""

import pandas as pd

from stages.classifiers.chunks import predict
from stages.formats.prepared import StoredImages
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import write_table
from stages.scoring.metrics import most_probable


def main() -> None:
    images = StoredImages(paths.TEST_IMAGES)
    predictions = most_probable(predict(paths.MODEL, images))
    write_table(paths.TEST_PREDICTIONS, predictions.rename_axis("row").reset_index())
    # The columns that Kaggle expects.
    submission = pd.DataFrame({"ImageId": predictions.index + 1, "Label": predictions["predicted"]})
    write_table(paths.SUBMISSION, submission)
    print(f"{paths.SUBMISSION}: {len(images):,} predictions")


if __name__ == "__main__":
    run(main)
