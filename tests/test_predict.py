"""The submission: what Kaggle expects, checked after it is written."""

from pathlib import Path

import numpy as np
import pytest

from stages.errors import InputError
from stages.outputs import write_table
from stages.predict import check_submission, submission


def test_the_most_probable_digit_is_submitted(tmp_path: Path) -> None:
    rows = np.eye(10, dtype=np.float32)[[3, 1, 4]] * 0.9
    write_table(tmp_path / "submission.csv", submission(rows))
    assert (tmp_path / "submission.csv").read_text() == "ImageId,Label\n1,3\n2,1\n3,4\n"
    check_submission(tmp_path / "submission.csv", 3)


@pytest.mark.parametrize(
    "text",
    [
        "ImageId,Label\n1,3\n2,1\n",
        "ImageId,Label\n1,3\n2,1\n4,4\n",
        "ImageId,Label\n1,3\n2,1\n3,10\n",
        "ImageId,Label\n1,3\n2,1\n3,\n",
        "id,Label\n1,3\n2,1\n3,4\n",
    ],
)
def test_a_wrong_submission_is_noticed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "submission.csv"
    path.write_text(text)
    with pytest.raises(InputError, match="not 3 rows of ImageId,Label"):
        check_submission(path, 3)
