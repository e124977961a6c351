"""Predicts the test images and writes the submission."""

import pandas as pd

from stages.classifiers.chunks import predict
from stages.formats.prepared import StoredImages
from stages.formats.task import read_task
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import write_table
from stages.scoring.metrics import list_images, most_probable


def main() -> None:
    images = StoredImages(paths.TEST_IMAGES)
    probabilities = predict(paths.MODEL, images)
    predictions = most_probable(probabilities, read_task(paths.PREPARED).classes)
    table = list_images(paths.TEST_FILES, len(images)).join(predictions)
    write_table(paths.TEST_PREDICTIONS, table)
    # The columns that Kaggle expects; of pictures, the file in place of a number.
    submission = {"ImageId": table["row"] + 1, "Label": table["predicted"]}
    if "file" in table:
        submission = {"file": table["file"], "class": table["predicted"]}
    write_table(paths.SUBMISSION, pd.DataFrame(submission))
    print(f"{paths.SUBMISSION}: {len(images):,} predictions")


if __name__ == "__main__":
    run(main)
