"""The submission: a row for each test image, as Kaggle expects it."""

import numpy as np
import pandas as pd

from stages.classifiers.saved import load
from stages.harness import paths
from tests.support.workplace import Workplace


def test_the_most_probable_digits_are_submitted(with_classifier: Workplace) -> None:
    assert with_classifier.run("predict") == (0, "")
    probabilities = load(paths.MODEL).predict_proba(np.load(paths.TEST_IMAGES))
    submission = pd.read_csv(paths.SUBMISSION)
    expected = {"ImageId": range(1, 31), "Label": probabilities.argmax(axis=1)}
    pd.testing.assert_frame_equal(submission, pd.DataFrame(expected))
    table = pd.read_csv(paths.TEST_PREDICTIONS)
    rows = [range(30), submission["Label"], probabilities.max(axis=1)]
    np.testing.assert_allclose(table.T, rows, atol=1e-4)
