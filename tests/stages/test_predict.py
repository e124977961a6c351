"""The submission: a row for each test image, as Kaggle expects it."""

import numpy as np
import pandas as pd

from stages.classifiers.saved import load
from stages.harness import paths
from tests.support.workplace import Workplace


def test_the_most_probable_digit_of_each_test_image_is_submitted(
    with_classifier: Workplace,
) -> None:
    assert with_classifier.run("predict") == (0, "")
    probabilities = load(paths.MODEL).predict_proba(np.load(paths.TEST_IMAGES))
    submission = pd.read_csv(paths.SUBMISSION)
    assert list(submission) == ["ImageId", "Label"]
    assert list(submission.ImageId) == list(range(1, 31))
    assert list(submission.Label) == list(probabilities.argmax(axis=1))
    table = pd.read_csv(paths.TEST_PREDICTIONS)
    assert list(table.row) == list(range(30))
    assert list(table.predicted) == list(submission.Label)
    np.testing.assert_allclose(table.confidence, probabilities.max(axis=1), atol=1e-4)
