"""Label issues: by the definition of confident learning, worked out by hand."""

import numpy as np
import pytest

from stages.scoring import confidence as module
from stages.scoring.confidence import find_label_issues


def test_as_many_as_are_expected_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.array([1, 1, 1, 1, 2, 2, 2, 2], np.uint8)
    predicted = [1, 1, 2, 2, 2, 2, 1, 3]
    confidence = np.array([0.9, 0.8, 0.5, 0.7, 0.9, 0.8, 0.95, 0.9])
    found = np.repeat((1 - confidence[:, None]) / 9, 10, axis=1)
    found[range(8), predicted] = confidence
    # The thresholds are about 0.45 for 1 and 2, and no row is labelled 3: so of the confident ones,
    # 2 of 4 are wrong and 1 of 3. Of all 4 and 4, these are 3.3.
    assert len(find_label_issues(labels, found)) == 0, "one that is often wrong names none"
    monkeypatch.setattr(module, "LEAST_ACCURACY", 0.5)
    assert find_label_issues(labels, found).tolist() == [6, 7, 3, 2]
    found[2, 2] = 0.4  # 1 of 3 and 1 of 3: 2.7 of all
    assert find_label_issues(labels, found).tolist() == [6, 7, 3]
    assert len(find_label_issues(np.array(predicted, np.uint8), found)) == 0
