"""Experiments in a fresh copy: queued, compared, applied. docs/experiments.md runs others."""

import pytest

from tests.support.clone import Clone

pytestmark = [pytest.mark.nightly, pytest.mark.slow]
QUEUED = {"knn": "train.model=knn", "slow": "models.mlp.learning_rate=1e-5"}


def test_experiments_in_one_queue_with_two_workers(clone: Clone) -> None:
    """No result is another's, one that fails says why, and the folder stays as it is."""
    for name, change in (QUEUED | {"fails": "models.mlp.epochs=0"}).items():
        clone.dvc("exp", "run", "--queue", "--name", name, "-S", change)
    clone.dvc("queue", "start", "--jobs", "2")
    logs = {name: clone.dvc("queue", "logs", "--follow", name) for name in (*QUEUED, "fails")}
    assert not {"\x1b", "\r", "\b"} & set("".join(logs.values()))
    assert [name for name, log in logs.items() if "trained on " in log] == list(QUEUED)
    assert "error: params.yaml: models.mlp.epochs: " in logs["fails"]
    assert clone.changes() == ""
    accuracy = {}
    for name in QUEUED:
        clone.dvc("exp", "apply", name)
        accuracy[name] = clone.metrics()["accuracy"]
        assert " M data/submission.csv" in clone.changes()
    assert accuracy["slow"] < 0.9 < accuracy["knn"]
    # After a failed run, git sees all that differs from the commit; see `touch_tracked`.
    changes = clone.changes()
    assert "did you mean svm?" in clone.dvc("exp", "run", "-S", "train.model=svmm", status=255)
    assert clone.changes() == changes
    clone.set("train.model", "mlp")
    # Alone, the last one is the same.
    clone.dvc("repro", "--no-run-cache", "--force", "--single-item", "train", "evaluate")
    assert clone.metrics()["accuracy"] == accuracy["slow"]
