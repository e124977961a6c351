"""A model is one file: with it, and its section of params.yaml, all stages run."""

import json
import shutil
from pathlib import Path

import pytest

from stages.harness import paths
from tests.support.clone import Clone, ran

EXAMPLE = Path(__file__).with_name("regression.py")


@pytest.mark.slow
def test_one_new_file_is_a_model(clone: Clone) -> None:
    shutil.copy(EXAMPLE, clone.folder / "stages/models")
    clone.set("models.regression", {"iterations": 100})
    assert ran(clone.dvc("repro")) == ["check"], "a model that is not used reruns no other stage"
    clone.set("train.model", "regression")
    assert ran(clone.dvc("repro"))[1:] == ["train", "evaluate", "predict", "report", "record"]
    assert clone.metrics()["accuracy"] > 0.8
    manifest = json.loads((clone.folder / "data/model/manifest.json").read_text())
    assert manifest["model"] == "regression"
    card = (clone.folder / paths.MODEL_CARD).read_text()
    assert "# Model card: regression on mnist_5k" in card
    assert "models.regression.iterations: 100" in card
