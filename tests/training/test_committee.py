"""The committee: the mean of its members' probabilities, and each member is checked."""

from pathlib import Path

import numpy as np
import pytest

from stages.classifiers.saved import MEMBERS, load
from stages.harness.errors import InputError
from tests.training.conftest import Data, create_small

pytestmark = pytest.mark.slow


def test_a_committee_is_the_mean_of_its_members(parts: tuple[Data, Data], tmp_path: Path) -> None:
    train, (images, labels) = parts
    committee = create_small("committee")
    curve = committee.fit(*train, (images, labels))
    committee.save(tmp_path)
    each = [load(tmp_path / name).predict_proba(images) for name in MEMBERS]
    mean = load(tmp_path).predict_proba(images)
    np.testing.assert_allclose(mean, np.mean(each, axis=0), atol=1e-6)
    accuracy = (each[0].argmax(axis=1) == labels).mean()
    assert curve["validation_accuracy"].iloc[-1] == pytest.approx(accuracy)  # of its network
    with (tmp_path / "svm/model.npz").open("ab") as file:
        file.write(b"!")
    with pytest.raises(InputError, match=r"svm.model\.npz: not the file that was trained"):
        load(tmp_path)
